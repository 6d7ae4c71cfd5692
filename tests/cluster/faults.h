// What a test takes away from the cluster for a while, and gives back whatever happens.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace seraphim::cluster {

/// etcd, kube-apiserver, traefik or prometheus: killed at once; started again by back() or the destructor.
class PartGone {
 public:
  explicit PartGone(std::string name);
  ~PartGone();
  PartGone(const PartGone&) = delete;
  /// Waits until it answers. `flags` are for kube-apiserver, besides its own.
  void back(const std::vector<std::string>& flags = {});

 private:
  const std::string name_;
  const std::chrono::system_clock::time_point since_ = std::chrono::system_clock::now();
  bool gone_ = true;
};

/// Makes etcd forget all versions but the newest.
void compact_etcd();

/// A network namespace that reaches the cluster over one link; a program in it can be cut off by dropping its
/// packets.
class IsolatedNetwork {
 public:
  IsolatedNetwork();
  ~IsolatedNetwork();
  IsolatedNetwork(const IsolatedNetwork&) = delete;

  /// Put before a command, it runs the command inside.
  std::vector<std::string> prefix() const { return {"ip", "netns", "exec", name_}; }
  /// Every packet in and out is dropped from now on; connections stay open on both sides.
  void cut();
  void heal();

 private:
  const std::string name_;
};

/// A kubeconfig whose certificate and key are files, so that they can be replaced.
class FileKubeconfig {
 public:
  /// For the user seraphim-operator, signed by the cluster's authority, expired right away when `expired`.
  FileKubeconfig(std::filesystem::path folder, bool expired);
  const std::filesystem::path& path() const { return path_; }
  /// A certificate that is valid for a day.
  void renew();

 private:
  void issue(int days);

  const std::filesystem::path folder_, path_;
};

}  // namespace seraphim::cluster
