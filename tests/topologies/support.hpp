// What the tests of topologies share: throw-away files, the text of an error, triangles, dense eigenvalues.
#pragma once

#include <unistd.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "topologies/mixing.hpp"

namespace gossamer {

/// A file with this text, for as long as the object lives.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text)
      : path_(std::filesystem::temp_directory_path() /
              ("gossamer_" + std::to_string(::getpid()) + "_" + std::to_string(count_++))) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { std::filesystem::remove(path_); }

  std::string path() const { return path_.string(); }

 private:
  static inline int count_ = 0;
  std::filesystem::path path_;
};

/// The text of the error that `call` throws; "no error" where it throws none.
template <class Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no error";
}

inline int triangles(const Graph& graph) {
  int triangles = 0;
  for (const auto& [u, v] : edge_list(graph)) {
    for (const int w : neighbors(graph, v)) {
      const auto around = neighbors(graph, u);
      triangles += w > v && std::binary_search(around.begin(), around.end(), w);
    }
  }
  return triangles;
}

inline Eigen::VectorXd laplacian_eigenvalues(const Graph& graph) {
  Eigen::MatrixXd laplacian = Eigen::MatrixXd::Zero(node_count(graph), node_count(graph));
  for (const auto& [u, v] : edge_list(graph)) {
    laplacian(u, v) = laplacian(v, u) = -1;
    laplacian(u, u) += 1;
    laplacian(v, v) += 1;
  }
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(laplacian, Eigen::EigenvaluesOnly).eigenvalues();
}

}  // namespace gossamer
