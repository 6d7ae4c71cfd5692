# `cmake --install` and the Debian package that CPack makes of it (hack/package).
include(GNUInstallDirs)
set(packaging ${PROJECT_SOURCE_DIR}/packaging)

install(TARGETS seraphim-operator kubectl-seraphim RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(PROGRAMS ${packaging}/kubectl_complete-seraphim DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${packaging}/kubectl-seraphim.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME kubectl-seraphim)
install(FILES docs/man/seraphim-operator.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES docs/man/kubectl-seraphim.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${packaging}/copyright CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/seraphim-operator)
install(DIRECTORY crds manifests DESTINATION ${CMAKE_INSTALL_DATADIR}/seraphim-operator
        FILES_MATCHING PATTERN "*.yaml" PATTERN "*.json")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME seraphim-operator)
set(CPACK_PACKAGE_CONTACT "The Seraphim operator's authors <seraphim-operator@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGE_DESCRIPTION "Gives a new revision of a model server a little traffic, compares it with the one that serves at the
same time, and gives it more or takes everything back. With kubectl-seraphim, which replays that over recorded history.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)  # the packages of the linked libraries, by dpkg-shlibdeps
set(CPACK_DEBIAN_PACKAGE_DEPENDS tzdata)  # read at run time; no library names it
set(CPACK_DEBIAN_PACKAGE_SUGGESTS kubectl)
include(CPack)
