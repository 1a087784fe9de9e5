// gossamer: the command.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <map>
#include <new>
#include <string>
#include <system_error>
#include <thread>

#include "algorithms/problems/data/data_set.hpp"
#include "scenarios/lab/command/commands.hpp"
#include "scenarios/lab/trace/revision.hpp"
#include "scenarios/lab/yaml/document.hpp"
#include "topologies/graph.hpp"

namespace {

constexpr int failed = 1;
constexpr int bad_input = 2;

int complain(const std::exception& error, int code) {
  gossamer::complain(error.what());
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace gossamer;
  std::signal(SIGXFSZ, SIG_IGN);  // A file that grows too large is an error, as a full disk is, not the end.
  CLI::App app{"A discrete-event network simulator for distributed and decentralized optimization.",
               "gossamer"};
  app.set_version_flag("--version", fmt::format("gossamer {} ({})", version, git_revision));
  app.require_subcommand(1);
  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return fmt::format("gossamer: {}; see gossamer --help\n", error.what());
  });

  std::optional<std::string> data;
  const auto data_option = [&](CLI::App* command) {
    command->add_option("--data", data, "Directory of data sets, each in a folder of its name");
  };

  RunCommand run;
  CLI::App* run_app = app.add_subcommand("run", "Run a scenario and write its trace");
  run_app->add_option("scenario", run.scenario, "The scenario, a YAML file")->required();
  run_app->add_option("-o,--output", run.output, "The trace, an HDF5 file [here, named after the scenario's file]");
  const auto set_option = [&](CLI::App* command) {
    command
        ->add_option("--set", run.assignments,
                     "path=value: change a key of the scenario, e.g. network.latency='1 ms'")
        ->allow_extra_args(false);
  };
  set_option(run_app);
  run_app->add_option("--threads", run.threads, "Threads that compute gradients [all]")
      ->check(CLI::Range(1, 1024));
  run_app->add_flag("--quiet", run.quiet, "Print nothing but errors");
  run.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  data_option(run_app);

  SweepCommand sweep;
  CLI::App* sweep_app =
      app.add_subcommand("sweep", "Make those runs of a sweep that are not there yet");
  sweep_app->add_option("scenario", run.scenario, "The scenario, a YAML file with a section `sweep`")
      ->required();
  sweep_app->add_option("-o,--output", sweep.output,
                        "Folder for the traces and index.csv [here, named after the scenario's file]");
  set_option(sweep_app);
  sweep_app->add_option("--jobs", sweep.jobs, "Runs at a time, one thread each [one per core; slurm: all]")
      ->check(CLI::Range(1, 1024));
  const std::map<std::string, Launcher> launchers = {
      {"local", Launcher::local}, {"slurm", Launcher::slurm}, {"task", Launcher::task}};
  std::string launcher = "local";
  sweep_app
      ->add_option("--launcher", launcher,
                   "local: this machine; slurm: a job array; task: one task of such an array [local]")
      ->check(CLI::IsMember(launchers));
  sweep_app->add_flag("--dry-run", sweep.dry_run, "List what would run, and estimate how long it would take");
  sweep_app->add_flag("--quiet", sweep.quiet, "Print nothing but errors");
  data_option(sweep_app);

  std::vector<std::string> scenarios;
  CLI::App* check_app = app.add_subcommand("check", "Check scenarios without running them");
  check_app->add_option("scenarios", scenarios, "YAML files")->required();
  set_option(check_app);
  data_option(check_app);

  std::string what;
  CLI::App* list_app = app.add_subcommand("list", "List what a scenario can name, with keys and defaults");
  list_app->add_option("what", what,
                       "One list: algorithms, topologies, mixings, problems, datasets, networks, ... [all]");

  CLI::App* topology_app =
      app.add_subcommand("topology", "Show degrees and diameter of the graph, and the spectral gap of W");
  topology_app->add_option("scenario", run.scenario, "The scenario, a YAML file")->required();
  set_option(topology_app);

  CLI::App* datasets_app = app.add_subcommand("datasets", "List, verify and download data sets");
  datasets_app->add_subcommand("list", "List the known data sets and where they are found (the default)");
  CLI::App* verify_app = datasets_app->add_subcommand("verify", "Compare checksums of files with the published ones");
  verify_app->fallthrough();  // --data may come after it too.
  std::vector<std::string> names;
  verify_app->add_option("names", names, "Data sets [all that are found]");
  CLI::App* fetch_app = datasets_app->add_subcommand("fetch", "Download a data set from its publisher");
  fetch_app->fallthrough();
  std::string name;
  fetch_app->add_option("name", name, "The data set")->required();
  std::optional<std::string> url;
  fetch_app->add_option("--from", url, "URL of a folder with the published files, in place of the publisher's");
  data_option(datasets_app);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : bad_input;
  }

  sweep.scenario = run.scenario;
  sweep.assignments = run.assignments;
  sweep.launcher = launchers.at(launcher);
  const auto command = [&] {
    if (*run_app) return run_command(run, data);
    if (*sweep_app) return sweep_command(sweep, data);
    if (*check_app) return check_command(scenarios, run.assignments, data);
    if (*list_app) return list_command(what);
    if (*topology_app) return topology_command(run.scenario, run.assignments);
    if (*verify_app) return datasets_verify_command(names, data);
    if (*fetch_app) return datasets_fetch_command(name, url, data);
    return datasets_list_command(data);
  };
  try {
    const int code = command();
    if (std::fflush(stdout) == 0) return code;
    throw std::system_error(errno, std::generic_category(), "standard output cannot be written");
  } catch (const BadInput& error) {
    return complain(error, bad_input);
  } catch (const DataError& error) {
    return complain(error, bad_input);
  } catch (const TopologyError& error) {
    return complain(error, bad_input);
  } catch (const std::bad_alloc&) {
    gossamer::complain("gossamer: out of memory");
    return failed;
  } catch (const std::exception& error) {
    return complain(error, failed);
  }
}
