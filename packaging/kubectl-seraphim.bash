# bash completion for kubectl-seraphim: asks the program itself.
_kubectl_seraphim() {
    local line files=false
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            :0) files=true ;;
            :*) ;;
            *) COMPREPLY+=("${line%%$'\t'*}") ;;
        esac
    done < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    if $files; then compopt -o default; fi
}
complete -F _kubectl_seraphim kubectl-seraphim
