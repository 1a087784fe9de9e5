// gossamer sweep: all runs of a sweep, each once.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <filesystem>
#include <mutex>
#include <new>
#include <set>
#include <thread>

#include "algorithms/problems/process/child.hpp"
#include "scenarios/lab/command/commands.hpp"
#include "scenarios/lab/command/progress_bar.hpp"
#include "scenarios/lab/run/run.hpp"
#include "scenarios/lab/run/setup.hpp"
#include "scenarios/lab/sweep/cost.hpp"
#include "scenarios/lab/sweep/slurm.hpp"
#include "scenarios/lab/sweep/sweep_folder.hpp"
#include "scenarios/lab/sweep/sweep_plan.hpp"
#include "scenarios/lab/trace/publisher.hpp"

namespace gossamer {
namespace {

constexpr int most_tasks = 1000;  // Slurm's own limit on a job array, unless it is configured otherwise.

/// A file-system error about the user's output folder is bad input.
template <class Call>
void as_bad_input(Call call) {
  try {
    call();
  } catch (const std::runtime_error& error) {
    throw BadInput(error.what());
  }
}

/// How a run ended, if its trace is there: of just this scenario, with these labels and these inputs.
std::optional<Trace::Status> ended(const SweepPlan& plan, std::size_t run, const SweepFolder& folder,
                                   const SharedProblems& problems) {
  const auto there = folder.finished(plan.runs[run].name);
  if (!there || there->sweep != plan.runs[run].labels) return std::nullopt;
  try {
    const std::string wanted = problems.inputs().identity(plan.scenario(run), plan.runs[run].scenario);
    if (there->identity == wanted) return there->status;
  } catch (const std::exception&) {  // The run will say what is wrong with its inputs.
  }
  return std::nullopt;
}

/// Throws the error of the first run if every run has one: then nothing should be begun.
void require_one_that_can_run(const SweepPlan& plan, const std::vector<std::size_t>& todo,
                              const SharedProblems& problems) {
  std::exception_ptr first;
  for (const std::size_t run : todo) {
    try {
      const Setup can_run(plan.scenario(run), problems);
      return;
    } catch (...) {
      if (!first) first = std::current_exception();
    }
  }
  if (first) std::rethrow_exception(first);
}

/// Says which programs the runs start, each once. A scenario is read for each problem, not for each run.
void announce_all(const SweepPlan& plan, const std::vector<std::size_t>& todo) {
  std::set<std::string> said;
  std::set<std::size_t> problems;
  for (const std::size_t run : todo) {
    if (!problems.insert(plan.runs[run].problem).second) continue;
    const Scenario scenario = plan.scenario(run);
    const CommandLine* const program = scenario.problem->command();
    if (program && said.insert(program->text()).second) announce(scenario);
  }
}

/// Works on the runs of a sweep, `jobs` at a time, each on one thread.
class Runs {
 public:
  Runs(const SweepPlan& plan, const SharedProblems& problems, SweepFolder& folder, bool fresh, bool quiet)
      : plan_(plan), problems_(problems), folder_(folder), fresh_(fresh), bar_(quiet) {}

  /// Makes the runs of `todo` in their order, except those that other processes work on. Throws if traces
  /// cannot be written.
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

  /// Counts those of `todo` that other processes have made, or not.
  void count_ended(const std::vector<std::size_t>& todo) {
    for (const std::size_t run : todo) {
      if (const auto status = ended(plan_, run, folder_, problems_)) {
        count(*status);
      } else {
        ++failed;
      }
    }
  }

  /// Runs that other processes were working on when their turn came.
  std::vector<std::size_t> take_left() { return std::exchange(left_, {}); }

  int done = 0, failed = 0, kept = 0;
  int diverged = 0;       ///< How many of those done.
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
          if (!folder_.lock(plan_.runs[run].name)) {
            left_.push_back(run);
            continue;
          }
        } catch (...) {
          error_ = std::current_exception();
          return;
        }
      }
      try {
        if (fresh_ || !is_there_by_now(run)) run_one(run, job);
      } catch (...) {
        const Lock lock(mutex_);
        if (!error_) error_ = std::current_exception();
      }
      const Lock lock(mutex_);
      folder_.unlock(plan_.runs[run].name);
      fractions_[static_cast<std::size_t>(job)] = 0;
      show();
    }
  }

  bool is_there_by_now(std::size_t run) {
    const Lock lock(mutex_);
    const bool there = ended(plan_, run, folder_, problems_).has_value();
    kept += there;
    return there;
  }

  void run_one(std::size_t run, int job) {
    const std::filesystem::path path = folder_.trace(plan_.runs[run].name);
    try {
      const Setup setup(plan_.scenario(run), problems_, plan_.runs[run].scenario);
      {
        const Lock lock(mutex_);
        if (!setup.graphs.notes.empty()) bar_.wipe();
        say_notes(setup.graphs, said_);
        keep_aside_if_damaged(path, [this](const std::string& text) {
          bar_.wipe();
          complain(text);
        });
      }
      Publisher publisher(path);
      Outcome outcome = gossamer::run(setup, {.threads = 1,
                                              .labels = plan_.runs[run].labels,
                                              .watch = [&](const Progress& progress, const Trace& trace) {
                                                publisher.publish(trace);
                                                const Lock lock(mutex_);
                                                fractions_[static_cast<std::size_t>(job)] = progress.done;
                                                if (bar_.due()) show();
                                              }});
      publish(run, publisher, outcome);
    } catch (const std::bad_alloc&) {
      const Lock lock(mutex_);
      fail(path, out_of_memory);
    } catch (const std::exception& error) {
      const Lock lock(mutex_);
      fail(path, error.what());
    }
  }

  /// Each job on its own, as a disk takes its time.
  void publish(std::size_t run, const Publisher& publisher, const Outcome& outcome) {
    const std::string& name = plan_.runs[run].name;
    std::exception_ptr error;
    TraceSummary summary;
    try {
      publisher.finish(outcome.trace);
      summary = summary_of(outcome.trace);
    } catch (...) {
      error = std::current_exception();
    }
    const Lock lock(mutex_);
    if (outcome.trace.status == Trace::Status::failed) {
      fail(folder_.trace(name), outcome.reason);
    } else {
      count(outcome.trace.status);
    }
    if (error) {  // The other runs would fail in the same way.
      error_ = error;
    } else {
      folder_.note(name, std::move(summary));
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

  const SweepPlan& plan_;
  const SharedProblems& problems_;
  SweepFolder& folder_;
  bool fresh_;

  std::mutex mutex_;  ///< For all below, and the folder.
  ProgressBar bar_;
  std::vector<std::size_t> todo_, left_;
  std::set<std::string> said_;  ///< Of notes on files.
  std::size_t begun_ = 0;
  std::vector<double> fractions_;  ///< [job]: how much of its run is done.
  std::exception_ptr error_;
};

/// At the end of a sweep a run without a trace has failed.
std::vector<SweepFolder::Planned> for_index(const SweepPlan& plan) {
  std::vector<SweepFolder::Planned> planned;
  for (std::size_t k = 0; k < plan.runs.size(); ++k) {
    const SweepPlan::Run& run = plan.runs[k];
    TraceSummary failed;
    failed.scenario = run.scenario;
    failed.sweep = run.labels;
    failed.status = Trace::Status::failed;
    planned.push_back({run.name, std::move(failed), [&plan, k] { return resolved(plan.scenario(k)); }});
  }
  return planned;
}

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

void print_dry_run(const SweepPlan& plan, const std::vector<std::size_t>& todo, const SweepFolder& folder,
                   const SharedProblems& problems, int jobs, bool quiet) {
  CostEstimates estimates(problems);
  ProgressBar bar(quiet);
  double total = 0;
  bool known = true, at_most = false;
  std::vector<std::string> lines;
  for (const std::size_t run : todo) {
    if (bar.due())
      bar.draw(static_cast<double>(lines.size()) / static_cast<double>(todo.size()), "estimating");
    const std::string path = folder.trace(plan.runs[run].name).string();
    try {
      const Cost cost = estimates.of(plan.scenario(run));
      lines.push_back(fmt::format("{:>15}  {}", to_string(cost), path));
      total += cost.seconds.value_or(0);
      known = known && cost.seconds;
      at_most = at_most || cost.at_most;
    } catch (const std::exception& error) {
      lines.push_back(fmt::format("{:>15}  {}: {}", "will fail", path, error.what()));
    }
  }
  bar.wipe();
  for (const std::string& line : lines) fmt::print("{}\n", printable(line));
  fmt::print("{} runs, {} of them there already; {} {} of CPU time{}, {} with {} at a time\n",
             plan.runs.size(), plan.runs.size() - todo.size(), at_most ? "up to" : "about",
             text_of_seconds(total), known ? "" : " and more", text_of_seconds(total / jobs), jobs);
}

/// The folder for the traces. Throws where none is given and the scenario's name does not give one.
std::string folder_of(const SweepCommand& command) {
  std::string output = command.output.value_or(std::filesystem::path(command.scenario).stem().string());
  if (output.empty()) throw BadInput("--output '': it takes the path of a folder");
  if (!command.output && (output == "." || std::filesystem::is_regular_file(output))) {
    throw BadInput(command.scenario +
                   ": its name without its ending names no folder for the traces; give one, -o DIR");
  }
  return output;
}

}  // namespace

int sweep_command(const SweepCommand& command, const std::optional<std::string>& data) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  const SweepPlan plan(document_with(command.scenario, command.assignments), command.assignments);
  const std::string output = folder_of(command);
  if (command.fresh && command.launcher == Launcher::slurm) {
    throw BadInput("--fresh: with slurm, remove the traces that are to be made again");
  }
  SweepFolder folder(output);
  as_bad_input([&] { folder.require_place_of_index(); });
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const int most_jobs = command.jobs.value_or(cores);
  // Keeps a problem for each job. Runs with the same problem follow each other, so each problem is made once.
  const SharedProblems problems(data_path(data), static_cast<std::size_t>(most_jobs));
  std::vector<std::size_t> todo;
  for (std::size_t run = 0; run < plan.runs.size(); ++run) {
    if (!command.fresh && ended(plan, run, folder, problems)) continue;
    as_bad_input([&] { folder.require_place(plan.runs[run].name); });
    todo.push_back(run);
  }
  const int jobs = std::clamp(static_cast<int>(todo.size()), 1, most_jobs);
  std::ranges::stable_sort(todo, {}, [&](std::size_t run) { return plan.runs[run].problem; });
  if (!command.quiet && command.launcher != Launcher::slurm) announce_all(plan, todo);
  if (todo.size() == plan.runs.size() && command.launcher != Launcher::task && !command.dry_run) {
    require_one_that_can_run(plan, todo, problems);
  }
  if (command.dry_run) {
    print_dry_run(plan, todo, folder, problems, jobs, command.quiet);
    return 0;
  }
  as_bad_input([&] { folder.open(); });
  if (command.launcher != Launcher::task) folder.remove_leftovers();

  Runs runs(plan, problems, folder, command.fresh, command.quiet);
  runs.total = todo.size();
  runs.kept = static_cast<int>(plan.runs.size() - todo.size());
  if (command.launcher == Launcher::slurm && !todo.empty()) {
    const int tasks = command.jobs.value_or(std::min(static_cast<int>(todo.size()), most_tasks));
    const std::filesystem::path place = std::filesystem::absolute(output);
    run_job_array(task_of(command, place.string(), data), tasks, place.filename().string(), place);
    runs.count_ended(todo);
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
    const SweepFolder::Index index = folder.write_index(for_index(plan));
    for (const std::string& why : index.unread) complain(why);
    const int missing = runs.done + runs.kept - index.of_runs - static_cast<int>(index.unread.size());
    if (missing > 0) complain(fmt::format("{}: {} of the runs' traces are gone", output, missing));
    if (missing > 0 || !index.unread.empty()) ++runs.failed;
    if (!command.quiet) {
      fmt::print("{}: {} done ({} diverged), {} failed, {} there before; {} traces; {:.3g} s\n",
                 printable(folder.index().string()), runs.done, runs.diverged, runs.failed, runs.kept,
                 index.traces, std::chrono::duration<double>(Clock::now() - begin).count());
    }
  }
  return runs.failed > 0 ? 1 : 0;
}

}  // namespace gossamer
