// What a reader needs, what was done, what is left to do.
#include <algorithm>

#include "api/codec.h"
#include "api/rollback.h"
#include "api/seraphim_deployment.h"
#include "report/markdown.h"
#include "report/post_mortem.h"
#include "report/post_mortem_parts.h"
#include "report/secrets.h"
#include "report/short_text.h"

namespace seraphim::report {
namespace {

constexpr std::size_t kLongestMessage = 600, kMostNumbers = 20;

/// In a block of shell code; names of objects need no quotes there, and anything else is not handed to a
/// shell.
std::string shell_word(const std::string& text) {
  const auto safe = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), safe) ? text : "NAME";
}

std::string kubectl(const Incident& incident, const std::string& verb, const std::string& more = "") {
  return "kubectl seraphim " + verb + " " + shell_word(incident.name) + " -n " +
         shell_word(incident.namespace_) + more;
}

std::string step(int number, const std::string& text, const std::string& command = "") {
  const std::string mark = std::to_string(number) + ". ";
  return mark + text + "\n" + (command.empty() ? "" : "   ```sh\n   " + command + "\n   ```\n");
}

std::string failed(const Incident& incident) {
  return plain(number_words(incident, incident.rollback.from_revision));
}

std::string serving(const Incident& incident) {
  return plain(number_words(incident, incident.rollback.to_revision));
}

/// Numbers of other revisions that were found healthy, newest first.
std::vector<std::int64_t> healthy_numbers(const Incident& incident) {
  std::vector<std::int64_t> numbers;
  for (const auto& revision : incident.revisions) {
    const bool other =
        revision.name != incident.rollback.from_revision && revision.name != incident.rollback.to_revision;
    if (other && revision.verdict == api::RevisionVerdict::healthy) numbers.push_back(revision.number);
  }
  std::sort(numbers.rbegin(), numbers.rend());
  return numbers;
}

std::string judged_by(const Incident& incident) {
  if (!incident.analysis)
    return "- No metrics: `spec.analysis` is missing, so only pods and deadlines could fail it.\n";
  const auto& bounds = incident.analysis->error_rate;
  return "- Prometheus at " + code(incident.analysis->prometheus.address) +
         ", an address inside of the cluster. The error rate was judged with a tolerance of " +
         api::format_percent(bounds.tolerance) + " and a ceiling of " + api::format_percent(bounds.ceiling) +
         ", a wrong rollback in at most " + api::format_percent(bounds.false_rollback) +
         " of all rollouts.\n";
}

/// What to look for, by the kind of reason.
std::string find_out(const Incident& incident) {
  const std::string& reason = incident.rollback.reason;
  const std::string who = failed(incident);
  if (is_by_hand(incident)) return "Note here why " + who + " was taken back: only a person knows.";
  if (reason == api::kRolledBackOutOfBand)
    return "Note here why " + who + " was replaced past the operator: only who did it knows.";
  if (reason == "ProgressDeadlineExceeded")
    return "Find out why " + who +
           " did not come up in time: its message above, then image, probes, resources and quota.";
  if (reason == "RevisionUnavailable")
    return "Find out why " + who + " stopped being ready under traffic: crashes, memory, probes.";
  if (reason == "Undecided")
    return "Nothing was proven against " + who +
           "; it ran out of time. Give it more traffic, or a longer `analysis.undecided.after`.";
  if (reason == "MetricOutOfBounds") return "Find out why the metric left its bounds with " + who + ".";
  return "Find out why requests to " + who + " went wrong: begin with what it changed, above.";
}

std::string box(const std::string& text) {
  return "- [ ] " + text + "\n";
}

}  // namespace

std::string prerequisites(const Incident& incident) {
  std::string text =
      "## Prerequisites\n"
      "To act on this you need:\n\n"
      "- `kubectl` with the right to patch " +
      code("sdep/" + incident.name) + " in namespace " + code(incident.namespace_) +
      ", and `kubectl-seraphim` in the PATH.\n";
  std::string records;
  for (const std::string& name : {incident.rollback.from_revision, incident.rollback.to_revision}) {
    const auto* revision = recorded(incident, name);
    if (revision == nullptr) continue;
    const std::string verdict = api::to_string(revision->verdict);
    records += (records.empty() ? "" : ", ") + code(name) + " (revision " + std::to_string(revision->number) +
               (verdict.empty() ? "" : ", " + verdict) + ")";
  }
  if (!records.empty()) text += "- The records of the revisions, as ControllerRevisions: " + records + ".\n";
  return text + judged_by(incident) + "\n";
}

std::string procedures(const Incident& incident, const Course& course) {
  const bool first = incident.rollback.to_revision.empty();
  std::string text = "## Step-by-Step Procedures\nThe operator has done this, in this order:\n\n";
  text += step(1, first ? "Left the traffic as it was: there is no earlier revision that could take it."
                        : "Gave all traffic to " + serving(incident) + " at " + second(incident.rollback.at) +
                              (course.stood.empty()
                                   ? ""
                                   : " (" + failed(incident) + " was at " + plain(course.stood) + ")") +
                              ".");
  text += step(2, is_by_hand(incident)
                      ? "Left " + failed(incident) + " without the verdict Failed: a person took it back."
                      : "Noted the verdict Failed in the record of " + failed(incident) +
                            ". It is not tried again by itself.");
  text += step(
      3,
      "Left the spec alone: it is yours. Pods without traffic end after `strategy.canary.scaleDownDelay`.");
  text += "\nLeft for you:\n\n";
  text += step(1, "See how it stands now.", kubectl(incident, "status"));
  text += step(2, "Look at what its pods said, as long as they or your log store have it.",
               "kubectl logs -n " + shell_word(incident.namespace_) + " --tail=200 -l " +
                   api::kLabelRevision + "=" + shell_word(incident.rollback.from_revision));
  const auto* back = recorded(incident, incident.rollback.to_revision);
  const std::string to = back == nullptr ? "" : " --to-revision " + std::to_string(back->number);
  text +=
      step(3, "Correct the spec and apply it; that is a new revision. Or put the spec back to what serves:",
           first ? "kubectl apply -f FILE" : kubectl(incident, "rollback", to));
  return text + "\n";
}

std::string verification_result(const std::optional<api::VerificationStatus>& verification) {
  using Result = api::VerificationResult;
  if (!verification) return "**Not verified** by the operator: see below how to look yourself.\n";
  const std::string message = plain(without_secrets(shortened(verification->message, kLongestMessage)));
  const std::string with = message.empty() ? ".\n" : ": " + message + "\n";
  const std::string at = verification->decided_at ? " at " + second(*verification->decided_at) : "";
  switch (verification->result) {
    case Result::pending:
      return "**Pending until " + second(verification->until) +
             " at the earliest**: the operator measures health and objectives, and writes the result here.\n";
    case Result::recovered:
      return "**Recovered**" + at + with;
    case Result::not_recovered:
      return "**Not recovered**" + at + with +
             "\nThe revision that serves is not well either. Act now: see Rollback-Recovery.\n";
    case Result::undecided:
      break;
  }
  return "**Undecided**" + at + with + "\nNobody has measured that all is well: look yourself, as below.\n";
}

std::string verification(const Incident& incident) {
  return "## Verification\n" + std::string(kResultBegins) +
         verification_result(incident.rollback.verification) + kResultEnds +
         "\nBy hand, while requests come in:\n\n" +
         block(kubectl(incident, "errors", " --most 5%") + "\n" + "kubectl seraphim health -n " +
                   shell_word(incident.namespace_) + "\n",
               "sh") +
         "\n";
}

std::string recovery(const Incident& incident) {
  std::string text = "## Rollback-Recovery\n";
  const auto healthy = healthy_numbers(incident);
  if (healthy.empty()) {
    text +=
        "- No other revision is recorded as Healthy. If the one that serves is bad as well, only a new spec "
        "helps.\n";
  } else {
    std::string numbers;
    for (std::size_t i = 0; i < std::min(healthy.size(), kMostNumbers); ++i)
      numbers += (i == 0 ? "" : ", ") + std::to_string(healthy[i]);
    text += "- If the one that serves is bad as well, go further back (Healthy: " + numbers + "): `" +
            kubectl(incident, "rollback", " --to-revision " + std::to_string(healthy.front())) + "`.\n";
  }
  text += is_by_hand(incident)
              ? "- If it was wrong to take it back: apply the spec of " + failed(incident) + " again.\n"
              : "- If the rollback was wrong, or the cause lay elsewhere and is mended: `" +
                    kubectl(incident, "retry") + "` tries " + failed(incident) + " again, step by step.\n";
  return text + "- To let nothing new out meanwhile: `kubectl seraphim freeze -n " +
         shell_word(incident.namespace_) + " --reason \"...\" --for 2h`. Rolling back still works.\n\n";
}

std::string post_action(const Incident& incident) {
  std::string text = "## Post-Action\n" + box(find_out(incident));
  if (incident.wanted) {
    text += box("Correct or revert the spec where it is kept (Git, Helm): it still asks for " +
                failed(incident) + ".");
  } else {
    text += box("The spec asks for another revision by now: see that what it asks for is what you want.");
  }
  if (incident.evidence && incident.evidence->candidate_failures > 0) {
    text += box("Tell those concerned: " + std::to_string(incident.evidence->candidate_failures) +
                " bad requests were counted with " + failed(incident) + ".");
  }
  if (!incident.rollback.to_revision.empty())
    text += box("Read the result of the verification above, and act if it is not Recovered.");
  if (!incident.rates && incident.analysis)
    text += box("See why Prometheus did not answer: " +
                plain(shortened(incident.rates_problem, kLongestMessage)));
  if (!is_by_hand(incident))
    text +=
        box("If the cause was outside of the spec: `" + kubectl(incident, "retry") + "` once it is mended.");
  text += box("Keep this document if you need it for long: the operator keeps the newest " +
              std::to_string(kKept) + " of an object, and they go with it.");
  return text + "\nWritten at " + second(incident.written_at) +
         " by the operator, from its status, Events, the records of revisions and Prometheus.\n";
}

}  // namespace seraphim::report
