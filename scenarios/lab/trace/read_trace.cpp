#include "scenarios/lab/trace/read_trace.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <system_error>

#include "algorithms/problems/data/known_data_sets.hpp"
#include "scenarios/lab/trace/hdf5_handle.hpp"
#include "scenarios/lab/trace/metrics.hpp"

namespace gossamer {
namespace {

using Cause = TraceError::Cause;

constexpr std::string_view signature = "\x89HDF\r\n\x1a\n", seal_begins = "\ngossamer-seal ";
constexpr std::size_t seal_size = seal_begins.size() + 64 + 1;
constexpr std::uint64_t longest_text = 1 << 28;
constexpr std::size_t largest_sealed = 1 << 26;  // Larger ones are not read whole for a few attributes.

/// What is wrong with the inside of a file, without its path. HDF5's own refusals, of no cause, are of
/// damage.
[[noreturn]] void fail(const std::string& what, Cause cause = Cause::damaged) {
  throw TraceError(cause, what);
}

std::string sealed(std::string_view bytes) {
  return std::string(seal_begins) + sha256(bytes) + "\n";
}

/// A regular file, open for reading; those without permission, pipes and devices are refused.
class InFile {
 public:
  explicit InFile(const std::filesystem::path& path)
      // A pipe that nobody writes to is not to be waited for.
      : path_(path), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (file_ < 0) refuse(std::generic_category().message(errno));
    if (::fstat(file_, &status_) == 0 && S_ISREG(status_.st_mode)) return;
    ::close(file_);
    refuse("it is not a file");
  }
  InFile(const InFile&) = delete;
  InFile& operator=(const InFile&) = delete;
  ~InFile() { ::close(file_); }

  std::size_t size() const { return static_cast<std::size_t>(status_.st_size); }

  /// The first bytes, as many as there are.
  std::string read(std::size_t most) const {
    std::string bytes(std::min(most, size()), '\0');
    std::size_t have = 0;
    while (have < bytes.size()) {
      const ssize_t got = ::pread(file_, bytes.data() + have, bytes.size() - have, static_cast<off_t>(have));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) refuse(std::generic_category().message(errno));
      if (got == 0) break;
      have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return bytes;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw TraceError(Cause::unreadable, path_.string() + ": cannot be opened: " + why);
  }

  std::filesystem::path path_;
  int file_;
  struct stat status_ {};
};

/// If bytes end with a seal, it has to be the right one. Gives whether they do.
bool check_seal(std::string& bytes) {
  // HDF5 marks here that a program has the file open for writing; that is no damage.
  constexpr std::size_t open_mark = 20;
  if (bytes.size() > open_mark) bytes[open_mark] = '\0';
  if (bytes.size() < seal_size) return false;
  const std::string_view all = bytes, seal = all.substr(all.size() - seal_size);
  if (!seal.starts_with(seal_begins)) return false;
  if (seal != sealed(all.substr(0, all.size() - seal_size)))
    fail("its bytes are not those that were written");
  return true;
}

/// "" if there is no such attribute.
std::string read_attribute(hid_t object, const char* name) {
  if (H5Aexists(object, name) <= 0) return "";
  const Handle attribute(H5Aopen(object, name, H5P_DEFAULT), H5Aclose);
  const Handle type(H5Aget_type(attribute), H5Tclose), space(H5Aget_space(attribute), H5Sclose);
  if (H5Tis_variable_str(type) <= 0 || H5Sget_simple_extent_npoints(space) != 1) {
    fail(std::string(name) + " is not a text");
  }
  char* text = nullptr;
  require(H5Aread(attribute, type, &text));
  const std::unique_ptr<char, herr_t (*)(void*)> owner(text, H5free_memory);
  return text ? text : "";
}

std::int64_t read_integer(hid_t object, const char* name) {
  const Handle attribute(H5Aopen(object, name, H5P_DEFAULT), H5Aclose);
  const Handle type(H5Aget_type(attribute), H5Tclose), space(H5Aget_space(attribute), H5Sclose);
  if (H5Tget_class(type) != H5T_INTEGER || H5Sget_simple_extent_npoints(space) != 1) {
    fail(std::string(name) + " is not a number");
  }
  std::int64_t number = 0;
  require(H5Aread(attribute, H5T_NATIVE_INT64, &number));
  return number;
}

/// Whether a group has something of this name. What lies elsewhere, in another file, is not followed.
bool has(hid_t group, const char* name) {
  if (H5Lexists(group, name, H5P_DEFAULT) <= 0) return false;
  H5L_info_t info{};
  require(H5Lget_info(group, name, &info, H5P_DEFAULT));
  if (info.type != H5L_TYPE_HARD) fail(std::string(name) + " is a link to elsewhere");
  return true;
}

Handle open_set(hid_t group, const char* name) {
  if (!has(group, name)) fail(std::string(name) + " is missing");
  const hid_t set = H5Dopen2(group, name, H5P_DEFAULT);
  if (set >= 0) {
    const Handle properties(H5Dget_create_plist(set), H5Pclose);
    if (H5Pget_external_count(properties) > 0) {
      H5Dclose(set);
      fail(std::string(name) + " has its numbers in another file");
    }
  }
  return {set, H5Dclose};
}

/// Traces of version 1 do not say otherwise how many nodes the graph of a file had.
std::optional<std::int64_t> rows_of_mixing_matrix(hid_t file) {
  if (!has(file, "topology") || !has(file, "topology/mixing_matrix")) return std::nullopt;
  const Handle starts = open_set(file, "topology/mixing_matrix/indptr");
  const Handle space(H5Dget_space(starts), H5Sclose);
  return H5Sget_simple_extent_npoints(space) - 1;
}

double read_last(hid_t metrics, const char* name) {
  const Handle set = open_set(metrics, name);
  const Handle space(H5Dget_space(set), H5Sclose), type(H5Dget_type(set), H5Tclose);
  hsize_t rows = 0;
  if (H5Tget_class(type) != H5T_FLOAT || H5Sget_simple_extent_ndims(space) != 1 ||
      H5Sget_simple_extent_dims(space, &rows, nullptr) < 0 || rows == 0) {
    fail(std::string(name) + " is not a column");
  }
  const hsize_t start = rows - 1, count = 1;
  require(H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, nullptr, &count, nullptr));
  const Handle one(H5Screate_simple(1, &count, nullptr), H5Sclose);
  double last = 0;
  require(H5Dread(set, H5T_NATIVE_DOUBLE, one, space, H5P_DEFAULT, &last));
  return last;
}

std::string read_text(hid_t set) {
  const Handle space(H5Dget_space(set), H5Sclose), type(H5Dget_type(set), H5Tclose);
  const hssize_t size = H5Sget_simple_extent_npoints(space);
  // Sizes that a damaged file declares are not to be allocated.
  if (H5Tget_class(type) != H5T_INTEGER || H5Tget_size(type) != 1 || size < 0 ||
      static_cast<std::uint64_t>(size) > longest_text) {
    fail("one of its inputs is not a text");
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  if (size > 0) require(H5Dread(set, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data()));
  return text;
}

/// For HDF5's iterations over links and attributes: adds a name to a std::vector<std::string>.
template <class Info>
herr_t add_name(hid_t, const char* name, const Info*, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

std::vector<std::string> links_of(hid_t group) {
  std::vector<std::string> names;
  require(H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, nullptr, add_name<H5L_info_t>, &names));
  return names;
}

std::vector<std::string> attributes_of(hid_t object) {
  std::vector<std::string> names;
  require(H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, nullptr, add_name<H5A_info_t>, &names));
  return names;
}

/// Does all in this process that try_apart() does in the other one. Never returns.
template <class Work>
[[noreturn]] void work_apart(Work work, int answer) {
  rlimit memory{};
  ::getrlimit(RLIMIT_AS, &memory);
  std::ifstream sizes("/proc/self/statm");
  if (rlim_t pages = 0; sizes >> pages) {
    constexpr rlim_t room = rlim_t{1} << 32;
    memory.rlim_cur = std::min(memory.rlim_cur, pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + room);
  }
  const rlimit seconds{5, 5}, nothing{0, 0};
  ::setrlimit(RLIMIT_AS, &memory);
  ::setrlimit(RLIMIT_CPU, &seconds);
  ::setrlimit(RLIMIT_CORE, &nothing);
  for (const int fatal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) std::signal(fatal, SIG_DFL);
  ::close(STDERR_FILENO);
  std::string error;
  const auto keep = [&](Cause cause, const char* what) {
    error = static_cast<char>('0' + static_cast<int>(cause)) + std::string(what);
  };
  try {
    work();
  } catch (const TraceError& wrong) {
    keep(wrong.cause, wrong.what());
  } catch (const std::exception& wrong) {
    keep(Cause::damaged, wrong.what());
  }
  const bool written = ::write(answer, error.data(), error.size()) == std::ssize(error);
  ::_exit(written ? 0 : 1);
}

/// Lets `work` end well in another process first, or throws its error. HDF5's library crashes, hangs or takes
/// all memory on some bytes, and only a seal says that nobody has changed them.
template <class Work>
void try_apart(Work work) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return;
  const pid_t child = ::fork();
  if (child == 0) work_apart(work, ends[1]);
  ::close(ends[1]);
  std::string error(1 << 12, '\0');
  ssize_t got = 0;
  while (child > 0 && (got = ::read(ends[0], error.data(), error.size())) < 0 && errno == EINTR) continue;
  error.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  ::close(ends[0]);
  int status = 0;
  while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (status != 0) fail("HDF5 cannot read it");
  if (error.empty()) return;
  fail(error.substr(1), static_cast<Cause>(error.front() - '0'));
}

/// Lets `read` look into a trace; its errors get the path and a cause. HDF5 takes no locks, which some file
/// systems do not have.
template <class Read>
auto reading(const std::filesystem::path& path, Read read) {
  const auto turn = turn_of_hdf5();
  const InFile in(path);
  const bool is_small = in.size() <= largest_sealed + seal_size;
  std::string bytes = in.read(is_small ? in.size() : signature.size());
  if (!bytes.starts_with(signature)) {
    if (!signature.starts_with(bytes)) throw TraceError(Cause::foreign, path.string() + ": is not a trace");
    throw TraceError(Cause::damaged, path.string() + ": is damaged: it has been cut off");
  }
  bool is_sealed = false;
  const auto look = [&] {
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    if (is_small) {
      require(H5Pset_fapl_core(access, 1 << 12, false));
      require(H5Pset_file_image(access, bytes.data(), bytes.size()));
    } else {
      require(H5Pset_file_locking(access, false, true));
    }
    const Handle file(H5Fopen(is_small ? "trace" : path.c_str(), H5F_ACC_RDONLY, access), H5Fclose);
    if (read_attribute(file, "format") != "gossamer-trace") fail("it has another format", Cause::foreign);
    const std::int64_t version = read_integer(file, "format_version");
    if (version < 1 || version > 2) {
      fail("it has format version " + std::to_string(version) + "; this reads 1 and 2", Cause::foreign);
    }
    if (version > 1 && !is_sealed && in.size() <= largest_sealed) {
      fail("it has no seal: it has been cut off, or changed by another program");
    }
    if (read_attribute(file, "scenario").empty()) fail("it has no scenario");
    return read(file);
  };
  try {
    is_sealed = is_small && check_seal(bytes);
    if (!is_sealed) try_apart(look);
    return look();
  } catch (const TraceError& error) {
    throw TraceError(error.cause, path.string() +
                                      (error.cause == Cause::foreign   ? ": is not a trace: "
                                       : error.cause == Cause::lacking ? ": "
                                                                       : ": is damaged: ") +
                                      error.what());
  } catch (const std::runtime_error& error) {
    throw TraceError(Cause::damaged, path.string() + ": is damaged: " + error.what());
  }
}

}  // namespace

TraceSummary summary_of(const Trace& trace) {
  TraceSummary summary{trace.scenario, trace.identity, trace.sweep, trace.sizes, trace.status, {}};
  std::vector<std::string> names = metric_names();
  for (const auto& [score, better] : trace.scores) names.push_back(score);
  for (const std::string& name : names) {
    if (std::ranges::count(trace.metrics, name, &Column::name) > 0) {
      summary.last_row.emplace_back(name, trace.last(name));
    }
  }
  return summary;
}

TraceSummary read_summary(const std::filesystem::path& path) {
  return reading(path, [](hid_t file) {
    TraceSummary summary;
    summary.scenario = read_attribute(file, "scenario");
    summary.identity = read_attribute(file, "identity");
    summary.sweep = read_attribute(file, "sweep");
    const std::string status = read_attribute(file, "status");
    const auto known = names(summary.status);
    const auto found = std::ranges::find(known, status);
    if (found == known.end()) fail("unknown status '" + status + "'");
    summary.status = static_cast<Trace::Status>(found - known.begin());
    if (has(file, "inputs")) {
      const Handle inputs(H5Gopen2(file, "inputs", H5P_DEFAULT), H5Gclose);
      for (const std::string& name : attributes_of(inputs)) {
        summary.sizes[name] = read_integer(inputs, name.c_str());
      }
    } else if (summary.scenario.find("\n  nodes: 0\n") != std::string::npos) {
      if (const auto nodes = rows_of_mixing_matrix(file)) summary.sizes["topology.nodes"] = *nodes;
    }
    if (!has(file, "metrics")) fail("it has no metrics");
    const Handle columns(H5Gopen2(file, "metrics", H5P_DEFAULT), H5Gclose);
    std::vector<std::string> known_metrics = metric_names();
    for (const std::string& name : links_of(columns)) {
      if (!find_metric(name) && may_be_score(name)) known_metrics.push_back(name);
    }
    for (const std::string& name : known_metrics) {
      if (has(columns, name.c_str())) summary.last_row.emplace_back(name, read_last(columns, name.c_str()));
    }
    return summary;
  });
}

Recipe read_recipe(const std::filesystem::path& path) {
  return reading(path, [](hid_t file) {
    if (!has(file, "inputs")) {
      fail(
          "it has format version 1, which does not hold all that a run needs; its attribute `scenario` is "
          "one to run",
          Cause::lacking);
    }
    Recipe recipe{
        read_attribute(file, "scenario"), read_attribute(file, "sweep"), read_attribute(file, "inputs"), {}};
    const Handle inputs(H5Gopen2(file, "inputs", H5P_DEFAULT), H5Gclose);
    for (const std::string& key : links_of(inputs)) {
      const Handle set = open_set(inputs, key.c_str());
      recipe.files[read_attribute(set, "name")] = std::make_shared<const std::string>(read_text(set));
    }
    return recipe;
  });
}

bool begins_as_hdf5(const std::filesystem::path& path) {
  return InFile(path).read(signature.size()) == signature;
}

void keep_aside_if_damaged(const std::filesystem::path& path, const std::function<void(std::string)>& say) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored) || std::filesystem::file_size(path, ignored) == 0)
    return;
  try {
    (void)read_summary(path);
  } catch (const TraceError& error) {
    if (error.cause != Cause::damaged) return;
    const std::filesystem::path aside = path.string() + ".damaged";
    std::filesystem::rename(path, aside);
    say(std::string(error.what()) + "; it is made again, and kept as " + aside.string());
  }
}

void add_seal(std::vector<std::byte>& bytes) {
  if (bytes.size() > largest_sealed) return;
  const std::string seal = sealed({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  const auto* begin = reinterpret_cast<const std::byte*>(seal.data());
  bytes.insert(bytes.end(), begin, begin + seal.size());
}

}  // namespace gossamer
