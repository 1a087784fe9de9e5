// gossamer sweep: all runs of a sweep, each once.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <filesystem>
#include <map>
#include <mutex>
#include <new>
#include <set>
#include <thread>

#include "scenarios/lab/commands.hpp"
#include "scenarios/lab/cost.hpp"
#include "scenarios/lab/progress.hpp"
#include "scenarios/lab/publisher.hpp"
#include "scenarios/lab/run.hpp"
#include "scenarios/lab/slurm.hpp"
#include "scenarios/lab/sweep.hpp"
#include "scenarios/lab/sweep_folder.hpp"

namespace gossamer {
namespace {

constexpr int most_tasks = 1000;  // Slurm's own limit on a job array, unless it is configured otherwise.

/// A run of the sweep, read and found to be without mistakes, as its trace will name it.
struct Planned {
  std::string name;
  std::string scenario, labels;  ///< As Trace::scenario and Trace::sweep have them.
  std::size_t problem;           ///< Runs of equal numbers, in the order of the sweep, may share theirs.

  /// How it ended, if its trace is there.
  std::optional<Trace::Status> is_in(const SweepFolder& folder) const {
    return folder.ended(name, scenario, labels);
  }
};

/// What is wrong with where the user wants the traces is the user's to mend.
template <class Call>
void as_bad_input(Call call) {
  try {
    call();
  } catch (const std::runtime_error& error) {
    throw BadInput(error.what());
  }
}

/// Throws BadInput for --set of what the sweep sets itself.
Sweep sweep_with(const std::string& scenario, const std::vector<std::string>& assignments) {
  Sweep sweep(document_with(scenario, assignments));
  for (const std::string& assignment : assignments) {
    const std::string path = assignment.substr(0, assignment.find('='));
    if (const auto swept = sweep.swept_at_or_above(path)) {
      throw BadInput("--set " + assignment + ": has no effect, as the sweep sets " + *swept +
                     "; --set 'sweep." + *swept + "=[...]' changes its values");
    }
  }
  return sweep;
}

std::vector<Planned> plan(const Sweep& sweep) {
  std::vector<Planned> runs;
  std::set<std::string> names;
  std::map<std::string, std::size_t> problems, scenarios;
  for (std::size_t k = 0; k < sweep.size(); ++k) {
    const Value document = sweep.document(k);
    const Scenario scenario = read_scenario(document);
    const std::string text = to_yaml(resolved(scenario));
    const auto [same, is_new] = scenarios.try_emplace(text, k);
    if (!is_new) {
      throw BadInput(sweep.at(), "sweep: " + sweep.name(same->second) + " and " + sweep.name(k) +
                                     " are the same run; it takes each once");
    }
    const auto problem = problems.try_emplace(Problems::key(scenario, 0), problems.size()).first;
    runs.push_back(
        {sweep.name(k), to_yaml(resolved(scenario)), to_flow_yaml(sweep.labels(k)), problem->second});
    if (!names.insert(runs.back().name).second) {
      throw BadInput(sweep.at(), "sweep: two runs would have the name " + runs.back().name);
    }
  }
  return runs;
}

/// Throws what is wrong with the first run where all have something wrong; then nothing should be begun.
void require_one_that_can_run(const Sweep& sweep, const std::vector<std::size_t>& todo,
                              const Problems& problems) {
  std::exception_ptr first;
  for (const std::size_t run : todo) {
    try {
      Setup(read_scenario(sweep.document(run)), problems);
      return;
    } catch (...) {
      if (!first) first = std::current_exception();
    }
  }
  if (first) std::rethrow_exception(first);
}

/// Works on the runs of a sweep, `jobs` at a time, each on one thread.
class Runs {
 public:
  Runs(const Sweep& sweep, const std::vector<Planned>& plan, const Problems& problems, SweepFolder& folder,
       bool quiet)
      : sweep_(sweep), plan_(plan), problems_(problems), folder_(folder), bar_(quiet) {}

  /// Begins `todo` in their order, leaving to other processes what these are at. Throws what hinders writing.
  void run(std::vector<std::size_t> todo, int jobs) {
    begun_ = 0;
    todo_ = std::move(todo);
    fractions_.assign(static_cast<std::size_t>(jobs), 0);
    {
      std::vector<std::jthread> threads;
      for (int job = 1; job < jobs; ++job) threads.emplace_back([this, job] { work(job); });
      work(0);
    }
    if (error_) std::rethrow_exception(error_);
  }

  void count(Trace::Status ended) {
    ++done;
    if (ended == Trace::Status::diverged) ++diverged;
  }

  /// Runs that other processes were at when their turn came.
  std::vector<std::size_t> take_left() { return std::exchange(left_, {}); }

  int done = 0, failed = 0, kept = 0;
  int diverged = 0;       ///< Of those done.
  std::size_t total = 0;  ///< For the bar.

 private:
  using Lock = std::lock_guard<std::mutex>;

  void work(int job) {
    for (;;) {
      std::size_t run = 0;
      {
        const Lock lock(mutex_);
        if (begun_ == todo_.size() || error_) return;
        run = todo_[begun_++];
        try {
          if (!folder_.lock(plan_[run].name)) {
            left_.push_back(run);
            continue;
          }
        } catch (...) {
          error_ = std::current_exception();
          return;
        }
      }
      try {
        if (!is_there_by_now(run)) run_one(run, job);
      } catch (...) {
        const Lock lock(mutex_);
        if (!error_) error_ = std::current_exception();
      }
      const Lock lock(mutex_);
      folder_.unlock(plan_[run].name);
      fractions_[static_cast<std::size_t>(job)] = 0;
      show();
    }
  }

  bool is_there_by_now(std::size_t run) {
    const Lock lock(mutex_);
    const bool there = plan_[run].is_in(folder_).has_value();
    kept += there;
    return there;
  }

  void run_one(std::size_t run, int job) {
    const std::filesystem::path path = folder_.trace(plan_[run].name);
    try {
      const Setup setup(read_scenario(sweep_.document(run)), problems_);
      Publisher publisher(path);
      Outcome outcome = gossamer::run(setup, {.threads = 1,
                                              .labels = plan_[run].labels,
                                              .watch = [&](const Progress& progress, const Trace& trace) {
                                                const Lock lock(mutex_);
                                                fractions_[static_cast<std::size_t>(job)] = progress.done;
                                                if (bar_.due()) show();
                                                publisher.publish(trace);
                                              }});
      const Lock lock(mutex_);  // HDF5 serves one thread at a time.
      if (outcome.trace.status == Trace::Status::failed) {
        fail(path, outcome.reason);
      } else {
        count(outcome.trace.status);
      }
      try {
        replace_file(path, to_hdf5(outcome.trace));
      } catch (...) {  // So it would fare with the others.
        error_ = std::current_exception();
      }
    } catch (const std::bad_alloc&) {
      const Lock lock(mutex_);
      fail(path, "out of memory");
    } catch (const std::exception& error) {
      const Lock lock(mutex_);
      fail(path, error.what());
    }
  }

  void fail(const std::filesystem::path& path, const std::string& reason) {
    ++failed;
    bar_.wipe();
    complain(path.string() + ": failed: " + reason);
  }

  void show() {
    const int over = done + failed;
    double fraction = over;
    for (const double running : fractions_) fraction += std::isnan(running) ? 0 : std::min(running, 1.0);
    bar_.draw(fraction / static_cast<double>(total),
              fmt::format("{} of {} runs{} | {:.3g} runs/min", over, total,
                          failed > 0 ? fmt::format(", {} failed", failed) : "",
                          60 * fraction / bar_.elapsed_seconds()));
  }

  const Sweep& sweep_;
  const std::vector<Planned>& plan_;
  const Problems& problems_;
  SweepFolder& folder_;

  std::mutex mutex_;  ///< For all below, the folder's locks, and HDF5.
  ProgressBar bar_;
  std::vector<std::size_t> todo_, left_;
  std::size_t begun_ = 0;
  std::vector<double> fractions_;  ///< [job]: how much of its run is done.
  std::exception_ptr error_;
};

std::vector<std::string> task_of(const SweepCommand& command, const std::string& folder,
                                 const std::optional<std::string>& data) {
  namespace fs = std::filesystem;
  std::vector<std::string> task = {fs::read_symlink("/proc/self/exe").string(), "sweep",
                                   fs::absolute(command.scenario).string(), "-o", folder};
  for (const std::string& assignment : command.assignments) task.insert(task.end(), {"--set", assignment});
  if (data) task.insert(task.end(), {"--data", fs::absolute(*data).string()});
  task.insert(task.end(), {"--jobs", "1", "--launcher", "task", "--quiet"});
  return task;
}

void print_dry_run(const Sweep& sweep, const std::vector<Planned>& plan, const std::vector<std::size_t>& todo,
                   const SweepFolder& folder, const Problems& problems, int jobs, bool quiet) {
  CostEstimates estimates(problems);
  ProgressBar bar(quiet);
  double total = 0;
  bool known = true, at_most = false;
  std::vector<std::string> lines;
  for (const std::size_t run : todo) {
    if (bar.due())
      bar.draw(static_cast<double>(lines.size()) / static_cast<double>(todo.size()), "estimating");
    const std::string path = folder.trace(plan[run].name).string();
    try {
      const Cost cost = estimates.of(read_scenario(sweep.document(run)));
      lines.push_back(fmt::format("{:>15}  {}", to_string(cost), path));
      total += cost.seconds.value_or(0);
      known = known && cost.seconds;
      at_most = at_most || cost.at_most;
    } catch (const std::exception& error) {
      lines.push_back(fmt::format("{:>15}  {}: {}", "will fail", path, error.what()));
    }
  }
  bar.wipe();
  for (const std::string& line : lines) fmt::print("{}\n", line);
  fmt::print("{} runs, {} of them there already; {} {} of CPU time{}, {} with {} at a time\n", plan.size(),
             plan.size() - todo.size(), at_most ? "up to" : "about", text_of_seconds(total),
             known ? "" : " and more", text_of_seconds(total / jobs), jobs);
}

}  // namespace

int sweep_command(const SweepCommand& command, const std::optional<std::string>& data) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  const Sweep sweep = sweep_with(command.scenario, command.assignments);
  const std::vector<Planned> planned = plan(sweep);
  const std::string output = command.output.value_or(std::filesystem::path(command.scenario).stem().string());
  if (output.empty()) throw BadInput("--output '': it takes the path of a folder");
  SweepFolder folder(output);
  as_bad_input([&] { folder.require_place_of_index(); });
  std::vector<std::size_t> todo;
  for (std::size_t run = 0; run < planned.size(); ++run) {
    if (planned[run].is_in(folder)) continue;
    as_bad_input([&] { folder.require_place(planned[run].name); });
    todo.push_back(run);
  }
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const int jobs = std::clamp(static_cast<int>(todo.size()), 1, command.jobs.value_or(cores));
  // As many as there are jobs, and runs of the same problem in a row, so that each is made once.
  const Problems problems(data_path(data), static_cast<std::size_t>(jobs));
  std::ranges::stable_sort(todo, {}, [&](std::size_t run) { return planned[run].problem; });
  if (todo.size() == planned.size() && command.launcher != Launcher::task && !command.dry_run) {
    require_one_that_can_run(sweep, todo, problems);
  }
  if (command.dry_run) {
    print_dry_run(sweep, planned, todo, folder, problems, jobs, command.quiet);
    return 0;
  }
  as_bad_input([&] { folder.open(); });

  Runs runs(sweep, planned, problems, folder, command.quiet);
  runs.total = todo.size();
  runs.kept = static_cast<int>(planned.size() - todo.size());
  if (command.launcher == Launcher::slurm && !todo.empty()) {
    const int tasks = command.jobs.value_or(std::min(static_cast<int>(todo.size()), most_tasks));
    const std::filesystem::path place = std::filesystem::absolute(output);
    run_job_array(task_of(command, place.string(), data), tasks, place.filename().string(), place);
    for (const std::size_t run : todo) {
      if (const auto ended = planned[run].is_in(folder)) {
        runs.count(*ended);
      } else {
        ++runs.failed;
      }
    }
    if (runs.failed > 0) {
      complain(fmt::format("{}: {} of {} runs did not come to their end; see slurm-*.txt there", output,
                           runs.failed, todo.size()));
    }
  } else {
    for (runs.run(todo, jobs); command.launcher == Launcher::local;) {
      std::vector<std::size_t> left = runs.take_left();
      if (left.empty()) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      runs.run(std::move(left), jobs);
    }
  }
  if (command.launcher != Launcher::task) {
    const int traces = folder.write_index();
    if (!command.quiet) {
      fmt::print("{}: {} done ({} diverged), {} failed, {} there before; {} traces; {:.3g} s\n",
                 folder.index().string(), runs.done, runs.diverged, runs.failed, runs.kept, traces,
                 std::chrono::duration<double>(Clock::now() - begin).count());
    }
  }
  return runs.failed > 0 ? 1 : 0;
}

}  // namespace gossamer
