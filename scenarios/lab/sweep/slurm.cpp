#include "scenarios/lab/sweep/slurm.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "scenarios/lab/yaml/document.hpp"

namespace gossamer {
namespace {

std::string quoted_for_shell(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? "'\\''" : std::string(1, c);
  return result + "'";
}

/// The exit code; -1 where a signal ended it.
int run_process(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (const int error = ::posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ)) {
    throw std::system_error(error, std::generic_category(), command.front());
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

void run_job_array(const std::vector<std::string>& command, int tasks, const std::string& name,
                   const std::filesystem::path& folder) {
  std::string line = "exec";
  for (const std::string& argument : command) line += " " + quoted_for_shell(argument);
  const std::vector<std::string> sbatch = {"sbatch",
                                           "--quiet",
                                           "--wait",
                                           "--array=1-" + std::to_string(tasks),
                                           "--cpus-per-task=1",
                                           "--job-name=" + name,
                                           "--output=" + (folder / "slurm-%A_%a.txt").string(),
                                           "--wrap=" + line};
  int code = 0;
  try {
    code = run_process(sbatch);
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::no_such_file_or_directory) throw;
    throw BadInput("--launcher slurm: there is no command sbatch here");
  }
  for (const std::filesystem::directory_entry& entry : std::filesystem::directory_iterator(folder)) {
    const std::string file = entry.path().filename().string();
    if (file.starts_with("slurm-") && file.ends_with(".txt") && entry.file_size() == 0) {
      std::filesystem::remove(entry.path());
    }
  }
  // A task of ours exits with 0 or 1, and sbatch --wait with the greatest of them.
  if (code != 0 && code != 1) throw std::runtime_error(fmt::format("sbatch: exit code {}", code));
}

}  // namespace gossamer
