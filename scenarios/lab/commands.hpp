// The commands of `gossamer`.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace gossamer {

struct RunCommand {
  std::string scenario;
  std::optional<std::string> output;  ///< Default: the scenario's file name, .h5, in the working directory.
  std::vector<std::string> assignments;
  int threads = 1;
  bool quiet = false;
};

/// Says what is wrong in one line on standard error, whatever user's text it quotes.
void complain(std::string text);

// Each returns the exit code, 0 or 1, and throws BadInput, DataError or TopologyError for what is exit
// code 2.
int run_command(const RunCommand& command, const std::optional<std::string>& data);
int check_command(const std::vector<std::string>& scenarios, const std::vector<std::string>& assignments,
                  const std::optional<std::string>& data);
int list_command(const std::string& what);
int topology_command(const std::string& scenario, const std::vector<std::string>& assignments);
int datasets_list_command(const std::optional<std::string>& data);
/// Of the data sets of these names; of all that are found where there are no names.
int datasets_verify_command(const std::vector<std::string>& names, const std::optional<std::string>& data);
/// The files of the data set `name` that are not there yet, from its own URL unless one is given.
int datasets_fetch_command(const std::string& name, const std::optional<std::string>& url,
                           const std::optional<std::string>& data);

}  // namespace gossamer
