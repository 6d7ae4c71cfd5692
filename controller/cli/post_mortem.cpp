#include "cli/post_mortem.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "api/seraphim_deployment.h"
#include "cli/cluster.h"
#include "cli/files.h"
#include "cli/output.h"
#include "cli/text_table.h"
#include "kubernetes/json_read.h"
#include "report/post_mortem.h"

namespace seraphim::cli {
namespace {

template <typename T>
using OrSentence = tl::expected<T, std::string>;

constexpr int kMostDocuments = 500;

struct PostMortemOptions {
  Subject subject{};
  std::int64_t revision = 0;  ///< 0: the newest
  bool list = false;
  std::string folder{};
};

/// One of the object's documents.
struct Document {
  std::string name{}, at{}, revision{}, reason{}, verification{};
  std::int64_t number = 0;  ///< of the revision; 0: not known
  std::string markdown{}, chart{};
};

Document decode_document(const nlohmann::json& config_map) {
  const auto meta = kubernetes::decode_meta(config_map);
  const auto annotation = [&meta](const char* key) {
    const auto found = meta.annotations.find(key);
    return found == meta.annotations.end() ? std::string() : found->second;
  };
  const auto label = meta.labels.find(api::kLabelRevision);
  Document document{.name = meta.key.name,
                    .at = annotation(report::kAnnotationRolledBackAt),
                    .revision = label == meta.labels.end() ? "" : label->second,
                    .reason = annotation(report::kAnnotationReason),
                    .verification = annotation(report::kAnnotationVerification)};
  const std::string number = annotation(report::kAnnotationNumber);
  std::from_chars(number.data(), number.data() + number.size(), document.number);
  const auto& data = kubernetes::member(config_map, "data");
  document.markdown = kubernetes::text_or(data, report::kMarkdownKey);
  document.chart = kubernetes::text_or(data, report::kChartKey);
  return document;
}

/// Oldest first. Others may use the same labels: only those that belong to an object of that name count.
OrSentence<std::vector<Document>> read_documents(const Cluster& cluster, const std::string& name) {
  static const kubernetes::ResourceType type{"", "v1", "configmaps", "ConfigMap"};
  const std::string selector =
      std::string(api::kLabelName) + "=" + name + "," + report::kLabelDocument + "=" + report::kPostMortem;
  const auto list = cluster.client().list(type, cluster.namespace_name(), selector, kMostDocuments);
  if (!list) return tl::unexpected(sentence(list.error()));
  std::vector<Document> documents;
  for (const auto& item : kubernetes::elements(*list, "items")) {
    const auto owner = kubernetes::decode_meta(item).controller;
    if (owner && owner->kind == api::kKind && owner->name == name) documents.push_back(decode_document(item));
  }
  std::stable_sort(documents.begin(), documents.end(),
                   [](const Document& left, const Document& right) { return left.at < right.at; });
  return documents;
}

std::string list_text(const std::vector<Document>& documents) {
  std::vector<std::vector<std::string>> rows{
      {"NUMBER", "REVISION", "ROLLED BACK", "REASON", "VERIFICATION", "CONFIGMAP"}};
  for (const Document& document : documents) {
    rows.push_back({document.number == 0 ? "?" : std::to_string(document.number), document.revision,
                    document.at.substr(0, 19) + "Z", document.reason, document.verification, document.name});
  }
  return format_columns(rows);
}

OrSentence<int> write_document(const Document& document, const std::string& folder,
                               const Surroundings& surroundings) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return tl::unexpected(folder + " cannot be made: " + error.message());
  const auto at = [&](const char* file) { return (std::filesystem::path(folder) / file).string(); };
  for (const auto& [file, text] :
       {std::pair(report::kMarkdownKey, document.markdown), std::pair(report::kChartKey, document.chart)}) {
    if (auto written = write_file(at(file), text); !written) return tl::unexpected(written.error());
  }
  surroundings.out << "wrote " << at(report::kMarkdownKey) << " and " << at(report::kChartKey) << '\n';
  return kGood;
}

int none(const PostMortemOptions& options, const Cluster& cluster, const std::vector<Document>& documents,
         const Surroundings& surroundings) {
  surroundings.err << cluster.namespace_name() << "/" << options.subject.name << " has no post-mortem";
  if (documents.empty()) {
    surroundings.err << ": nothing of it was rolled back, or its operator does not write them yet\n";
  } else {
    surroundings.err << " of revision " << options.revision << "; there are:\n" << list_text(documents);
  }
  return kBad;
}

OrSentence<int> tell_post_mortem(PostMortemOptions& options, const Surroundings& surroundings) {
  const auto cluster = connect(options.subject, surroundings);
  if (!cluster) return tl::unexpected(cluster.error());
  const auto documents = read_documents(*cluster, options.subject.name);
  if (!documents) return tl::unexpected(documents.error());
  if (options.list && !documents->empty()) {
    surroundings.out << list_text(*documents);
    return kGood;
  }
  const auto found = std::find_if(documents->rbegin(), documents->rend(), [&](const Document& document) {
    return options.revision == 0 || document.number == options.revision;
  });
  if (found == documents->rend()) return none(options, *cluster, *documents, surroundings);
  if (!options.folder.empty()) return write_document(*found, options.folder, surroundings);
  surroundings.out << found->markdown;
  return kGood;
}

}  // namespace

Command add_post_mortem(CLI::App& app) {
  auto options = std::make_shared<PostMortemOptions>();
  CLI::App& command = *app.add_subcommand(
      "post-mortem", "What happened at a rollback: the document that the operator wrote, the newest first");
  command.footer(
      "Exit codes: 0 told; 1 there is none; 2 wrong options, or no access\n\n"
      "Example:    kubectl-seraphim post-mortem sentiment -n shop --output-dir post-mortems/sentiment-3");
  add_subject(command, options->subject);
  auto* revision = command
                       .add_option("--revision", options->revision,
                                   "Number of the revision that was rolled back; default: the last")
                       ->type_name("NUMBER")
                       ->check(CLI::PositiveNumber);
  auto* folder = command
                     .add_option("--output-dir", options->folder,
                                 "Write post-mortem.md and chart.svg there; default: print")
                     ->type_name("DIR");
  command.add_flag("--list", options->list, "Only list the documents")->excludes(revision)->excludes(folder);
  return {&command, [options](const Surroundings& surroundings) {
            return conclude("post-mortem", tell_post_mortem(*options, surroundings), surroundings);
          }};
}

}  // namespace seraphim::cli
