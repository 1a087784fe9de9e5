#include "scenarios/lab/sweep/sweep_folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fstream>
#include <span>
#include <system_error>
#include <vector>

#include "scenarios/lab/trace/metrics.hpp"
#include "scenarios/lab/yaml/document.hpp"
#include "scenarios/lab/yaml/fields.hpp"
#include "sim/random.hpp"
#include "sim/utf8.hpp"

namespace gossamer {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view index_begins = "trace,status";

constexpr std::string_view index_name = "index.csv";
const std::string index_lock = "index.csv/";  // Not the name of a run.

/// Cells by row and column; columns in the order of their first cells.
struct Table {
  std::vector<std::string> columns;
  std::vector<std::map<std::string, std::string>> rows;

  /// Unless the cell is there already.
  void set(std::size_t row, const std::string& column, std::string text) {
    if (std::ranges::count(columns, column) == 0) columns.push_back(column);
    rows[row].emplace(column, std::move(text));
  }
};

void set_leaves(const Value& value, const std::string& path, std::size_t row, Table& table) {
  if (value.kind == Value::Kind::map) {
    for (const Value::Entry& entry : value.entries) {
      set_leaves(entry.value, path.empty() ? entry.key : path + "." + entry.key, row, table);
    }
  } else {
    const std::string text = value.kind == Value::Kind::scalar ? value.scalar : to_flow_yaml(value);
    table.set(row, path, path == "name" ? text : with_shortest_numbers(text));
  }
}

/// RFC 4180, without controls, which a terminal would obey. What a spreadsheet would take for a formula gets
/// a quote before it, unless it is a number.
std::string quoted(std::string text) {
  text = printable(text);
  double number = 0;
  if (!text.empty() && std::string_view("=+-@\t").find(text.front()) != std::string_view::npos &&
      !Text<double>::read(scalar_value(text), number, "")) {
    text.insert(text.begin(), '\'');
  }
  if (text.find_first_of(",\"") == std::string::npos) return text;
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? "\"\"" : std::string(1, c);
  return result + "\"";
}

std::string to_csv(const Table& table) {
  std::string text;
  const auto add_line = [&](const auto& cell) {
    for (const std::string& column : table.columns) {
      if (&column != table.columns.data()) text += ',';
      text += quoted(cell(column));
    }
    text += "\n";
  };
  add_line([](const std::string& column) { return column; });
  for (const auto& row : table.rows) {
    add_line([&](const std::string& column) {
      const auto found = row.find(column);
      return found == row.end() ? std::string() : found->second;
    });
  }
  return text;
}

/// A row of the index.
struct IndexRow {
  std::string name;
  TraceSummary trace;
  Value labels, scenario;
};

Table table_of(const std::vector<IndexRow>& rows) {
  Table table;
  table.columns = {"trace", "status"};
  table.rows.resize(rows.size());
  const auto for_each = [&](const auto& visit) {
    for (std::size_t row = 0; row < rows.size(); ++row) visit(row, rows[row]);
  };
  for_each([&](std::size_t row, const IndexRow& of) {
    table.set(row, "trace", of.name);
    table.set(row, "status", to_string(of.trace.status));
  });
  for_each([&](std::size_t row, const IndexRow& of) {
    for (const Value::Entry& label : of.labels.entries) table.set(row, label.key, label.value.scalar);
  });
  for_each([&](std::size_t row, const IndexRow& of) { set_leaves(of.scenario, "", row, table); });
  std::vector<std::string> metrics = metric_names();
  for_each([&](std::size_t, const IndexRow& of) {
    for (const auto& [name, value] : of.trace.last_row) {
      if (std::ranges::count(metrics, name) == 0) metrics.push_back(name);
    }
  });
  for (const std::string& metric : metrics) {
    for_each([&](std::size_t row, const IndexRow& of) {
      for (const auto& [name, value] : of.trace.last_row) {
        if (name == metric) table.set(row, metric, std::isnan(value) ? "" : text_of(value));
      }
    });
  }
  return table;
}

}  // namespace

SweepFolder::~SweepFolder() {
  if (locks_ >= 0) ::close(locks_);
}

std::optional<TraceSummary> SweepFolder::finished(const std::string& run) const {
  std::error_code ignored;
  if (!fs::is_regular_file(trace(run), ignored)) return std::nullopt;
  try {
    TraceSummary there = read_summary(trace(run));
    if (there.finished()) return there;
  } catch (const TraceError&) {  // Whatever it is, the run's trace it is not.
  }
  return std::nullopt;
}

void SweepFolder::require_place(const std::string& run) const {
  std::error_code ignored;
  if (fs::is_symlink(fs::symlink_status(trace(run), ignored))) {
    const fs::path target = fs::weakly_canonical(trace(run), ignored);
    if (target.extension() == ".h5" && fs::equivalent(target.parent_path(), path_, ignored)) {
      throw std::runtime_error(trace(run).string() +
                               ": cannot be written: it is a link to another trace of the folder");
    }
  }
  if (fs::exists(fs::symlink_status(trace(run)))) require_writable(trace(run));
}

void SweepFolder::require_place_of_index() const {
  std::error_code ignored;
  if (!fs::exists(fs::symlink_status(index(), ignored)) || fs::file_size(index(), ignored) == 0) return;
  std::string begin(index_begins.size(), ' ');
  const bool is_file = fs::is_regular_file(index(), ignored);
  if (is_file) {
    std::ifstream file(index(), std::ios::binary);
    file.read(begin.data(), std::ssize(begin));
    begin.resize(static_cast<std::size_t>(file.gcount()));
  }
  // A lone line end is what earlier versions made of a sweep without traces.
  if (!is_file || (begin != index_begins && begin != "\n")) {
    throw std::runtime_error(index().string() +
                             ": cannot be written: it is there already, and not a sweep's index");
  }
}

void SweepFolder::open() {
  std::error_code error;
  fs::create_directories(path_, error);
  if (error) throw std::system_error(error, path_.string() + ": cannot be made");
  const fs::path file = path_ / ".lock";
  locks_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (locks_ < 0)
    throw std::system_error(errno, std::generic_category(), file.string() + ": cannot be written");
}

int SweepFolder::set_lock(const std::string& name, int type, bool wait) {
  // One byte of the file for each name; two names that share one only wait for each other. Locks of this kind
  // belong to the open file and end with the process, however it ends.
  struct flock lock {};
  lock.l_type = static_cast<short>(type);
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(stream_seed(0, -1, name) >> 2);
  lock.l_len = 1;
  int result = 0;
  do {
    result = ::fcntl(locks_, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock);
  } while (result != 0 && errno == EINTR);
  if (result != 0 && lacks_locks(errno)) {
    has_locks_ = false;
    return 0;
  }
  if (result != 0 && errno != EAGAIN && errno != EACCES) {
    throw std::system_error(errno, std::generic_category(),
                            (path_ / ".lock").string() + ": cannot be locked");
  }
  return result;
}

bool SweepFolder::lock(const std::string& run) {
  return set_lock(run, F_WRLCK, false) == 0;
}

void SweepFolder::unlock(const std::string& run) {
  set_lock(run, F_UNLCK, false);
}

void SweepFolder::remove_leftovers() {
  for (const fs::directory_entry& entry : fs::directory_iterator(path_)) {
    const fs::path file = name_of_temporary(entry.path().filename().string());
    if (file.extension() != ".h5" && file != index_name) continue;
    const std::string lock = file == index_name ? index_lock : file.stem().string();
    if (set_lock(lock, F_WRLCK, false) != 0) continue;  // Who has it is writing.
    std::error_code ignored;
    if (has_locks_ || is_leftover(entry.path())) fs::remove(entry.path(), ignored);
    set_lock(lock, F_UNLCK, false);
  }
}

void SweepFolder::note(const std::string& run, TraceSummary summary) {
  const fs::path path = trace(run);
  noted_[path] = {stamp_of(path), std::move(summary)};
}

TraceSummary SweepFolder::summary(const fs::path& trace) const {
  const auto noted = noted_.find(trace);
  const bool is_known = noted != noted_.end() && noted->second.file == stamp_of(trace);
  return is_known ? noted->second.summary : read_summary(trace);
}

std::vector<SweepFolder::Entry> SweepFolder::entries(const std::vector<Planned>& runs) const {
  std::vector<Entry> entries;
  for (const fs::directory_entry& entry : fs::directory_iterator(path_)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".h5") && !name.starts_with('.') && entry.is_regular_file()) {
      entries.push_back({.path = entry.path(), .place = runs.size()});
    }
  }
  std::map<fs::path, std::size_t> places;
  for (const Planned& planned : runs) places.emplace(trace(planned.run), places.size());
  for (Entry& entry : entries) {
    const auto place = places.find(entry.path);
    if (place == places.end()) continue;
    entry.place = place->second;
    places.erase(place);
  }
  for (const auto& [path, place] : places) {
    if (fs::exists(fs::symlink_status(path))) continue;  // Something else: no run has left it.
    entries.push_back({.path = path, .place = place, .is_trace = false});
  }
  std::ranges::sort(entries, {}, [](const Entry& entry) { return std::pair(entry.place, entry.path); });
  return entries;
}

SweepFolder::Index SweepFolder::write_index(const std::vector<Planned>& runs) {
  remove_leftovers();
  set_lock(index_lock, F_WRLCK, true);
  std::vector<IndexRow> rows;
  Index result;
  for (const Entry& entry : entries(runs)) {
    const std::string path = entry.path.string();
    try {
      const Planned* const planned = entry.place < runs.size() ? &runs[entry.place] : nullptr;
      TraceSummary trace = entry.is_trace ? summary(entry.path) : planned->without_trace;
      Value labels = parse_document(trace.sweep.empty() ? "{}" : trace.sweep, path);
      const bool is_known = planned && planned->scenario && planned->without_trace.scenario == trace.scenario;
      Value scenario = is_known ? planned->scenario() : parse_document(trace.scenario, path);
      for (const auto& [key, size] : trace.sizes) set(scenario, key, scalar_value(std::to_string(size)));
      rows.push_back(
          {entry.path.filename().string(), std::move(trace), std::move(labels), std::move(scenario)});
      result.traces += entry.is_trace;
      result.of_runs += entry.is_trace && planned;
    } catch (const TraceError& error) {
      if (error.cause != TraceError::Cause::foreign) result.unread.emplace_back(error.what());
    } catch (const BadInput& error) {
      result.unread.push_back(path + ": is damaged: " + error.what());
    }
  }
  const std::string text = to_csv(table_of(rows));
  const auto bytes = std::as_bytes(std::span(text));
  replace_file(index(), {bytes.begin(), bytes.end()});
  set_lock(index_lock, F_UNLCK, false);
  return result;
}

}  // namespace gossamer
