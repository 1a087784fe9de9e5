#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "tests/benchmarks/benchmarks.hpp"

namespace gossamer {

Measured measure_apart(const std::function<double()>& work) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    const double seconds = work();
    const bool sent = ::write(ends[1], &seconds, sizeof seconds) == sizeof seconds;
    ::_exit(sent ? 0 : 1);
  }
  Measured measured;
  int status = 0;
  rusage usage{};
  if (::read(ends[0], &measured.seconds, sizeof measured.seconds) != sizeof measured.seconds ||
      ::wait4(child, &status, 0, &usage) != child) {
    throw std::runtime_error("a benchmark failed");
  }
  ::close(ends[0]);
  ::close(ends[1]);
  measured.peak_bytes = 1024.0 * static_cast<double>(usage.ru_maxrss);
  return measured;
}

std::vector<double> python_milliseconds(const std::string& script, const std::vector<std::string>& keys) {
  const std::string command = "cd '" GOSSAMER_SOURCE_DIR "/tests/benchmarks' && /usr/bin/python3 " + script;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::string text;
  std::array<char, 256> buffer;
  while (pipe && std::fgets(buffer.data(), buffer.size(), pipe.get())) text += buffer.data();
  std::vector<double> found;
  for (const std::string& key : keys) {
    const auto at = text.find("\"" + key + "\": ");
    if (at == std::string::npos) return {};
    found.push_back(std::strtod(text.c_str() + at + key.size() + 4, nullptr));
  }
  return found;
}

}  // namespace gossamer
