// gossamer: the command.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "algorithms/problems/data/data_set.hpp"
#include "scenarios/lab/command/commands.hpp"
#include "scenarios/lab/command/descriptions.hpp"
#include "scenarios/lab/trace/revision.hpp"
#include "scenarios/lab/trace/trace.hpp"
#include "scenarios/lab/yaml/document.hpp"
#include "scenarios/lab/yaml/fields.hpp"
#include "sim/text_file.hpp"
#include "topologies/graph.hpp"

namespace {

constexpr int failed = 1;
constexpr int bad_input = 2;

int complain(const std::exception& error, int code) {
  gossamer::complain(error.what());
  return code;
}

/// What the options of all commands say.
struct Options {
  std::optional<std::string> data;
  gossamer::RunCommand run;
  gossamer::SweepCommand sweep;
  std::string launcher = "local";
  std::vector<std::string> scenarios;  // To check.
  std::string what;                    // To list, to write, or the shell to complete for.
  std::vector<std::string> names;      // Of data sets to verify, or the command to help with.
  std::string name;                    // Of the data set to fetch.
  std::optional<std::string> url;
};

/// A command, and what it does once its options have been read.
struct Command {
  CLI::App* app;
  std::function<int()> call;
};

void add_data_option(CLI::App* app, Options& options) {
  app->add_option("--data", options.data, "Directory of data sets, each in a folder of its name");
}

void add_scenario_options(CLI::App* app, Options& options, bool one_scenario = true) {
  if (one_scenario)
    app->add_option("scenario", options.run.scenario, "The scenario, a YAML file")->required();
  app->add_option("--set", options.run.assignments,
                  "path=value ...: change keys of the scenario, e.g. network.latency='1 ms' seed=2")
      ->allow_extra_args(false);  // Or it would take the scenario, too: assignments are told apart before.
}

/// The arguments with a --set before each assignment, as several may follow one.
std::vector<std::string> with_single_assignments(int argc, char** argv) {
  std::vector<std::string> given(argv + 1, argv + argc), arguments;
  bool assigns = false;  // Whether a --set and only assignments came before.
  for (auto argument = given.begin(); argument != given.end(); ++argument) {
    if (*argument == "--") {
      arguments.insert(arguments.end(), argument, given.end());
      break;
    }
    const bool is_assignment = !argument->starts_with('-') && argument->find('=') != std::string::npos;
    const bool is_set = *argument == "--set";
    if (assigns && is_assignment) arguments.emplace_back("--set");
    assigns = is_set || argument->starts_with("--set=") || (assigns && is_assignment);
    arguments.push_back(*argument);
    if (is_set && argument + 1 != given.end()) arguments.push_back(*++argument);
  }
  return arguments;
}

/// Refuses what stands in the place of a command, `datasets fetch`, and is none.
void require_command(const CLI::App& all, const std::vector<std::string>& arguments) {
  const CLI::App* command = &all;
  std::string who = all.get_name();
  for (const std::string& argument : arguments) {
    std::vector<std::string> names;
    for (const CLI::App* below : gossamer::commands_of(*command)) names.push_back(below->get_name());
    if (names.empty() || argument.starts_with('-')) return;
    if (std::ranges::count(names, argument) == 0) {
      throw gossamer::BadInput(who + ": unknown command '" + argument + "';" +
                               gossamer::suggestion(argument, names));
    }
    command = command->get_subcommand(argument);
    who += " " + argument;
  }
}

Command add_help(CLI::App& all, Options& options) {
  CLI::App* const app = all.add_subcommand("help", "Show what a command takes, as its option --help does");
  app->add_option("command", options.names, "The command [all]");
  return {app, [] { return 0; }};  // It was shown when the arguments were read.
}

Command add_run(CLI::App& all, Options& options) {
  CLI::App* const app =
      all.add_subcommand("run", "Run a scenario, or the scenario of a trace, and write its trace");
  add_scenario_options(app, options);
  app->add_option("-o,--output", options.run.output,
                  "The trace, an HDF5 file [here, named after the scenario's file]");
  options.run.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  app->add_option("--threads", options.run.threads, "Threads that compute gradients [all]")
      ->check(CLI::Range(1, 1024));
  app->add_flag("--quiet", options.run.quiet, "Print nothing but errors and notes");
  add_data_option(app, options);
  return {app, [&] { return gossamer::run_command(options.run, options.data); }};
}

Command add_sweep(CLI::App& all, Options& options) {
  using gossamer::Launcher;
  static const std::map<std::string, Launcher> launchers = {
      {"local", Launcher::local}, {"slurm", Launcher::slurm}, {"task", Launcher::task}};
  CLI::App* const app = all.add_subcommand("sweep", "Make those runs of a sweep that are not there yet");
  add_scenario_options(app, options);
  app->add_option("-o,--output", options.sweep.output,
                  "Folder for the traces and index.csv [here, named after the scenario's file]");
  app->add_option("--jobs", options.sweep.jobs, "Runs at a time, one thread each [one per core; slurm: all]")
      ->check(CLI::Range(1, 1024));
  app->add_option("--launcher", options.launcher,
                  "local: this machine; slurm: a job array; task: one task of such an array [local]")
      ->check(CLI::IsMember(launchers));
  app->add_flag("--fresh", options.sweep.fresh, "Make all runs again, also those whose traces are there");
  app->add_flag("--dry-run", options.sweep.dry_run,
                "List what would run, and estimate how long it would take");
  app->add_flag("--quiet", options.sweep.quiet, "Print nothing but errors and notes");
  add_data_option(app, options);
  return {app, [&] {
            options.sweep.scenario = options.run.scenario;
            options.sweep.assignments = options.run.assignments;
            options.sweep.launcher = launchers.at(options.launcher);
            return gossamer::sweep_command(options.sweep, options.data);
          }};
}

Command add_check(CLI::App& all, Options& options) {
  CLI::App* const app = all.add_subcommand("check", "Check scenarios without running them");
  app->add_option("scenarios", options.scenarios, "YAML files")->required();
  add_scenario_options(app, options, false);
  add_data_option(app, options);
  return {app,
          [&] { return gossamer::check_command(options.scenarios, options.run.assignments, options.data); }};
}

Command add_identity(CLI::App& all, Options& options) {
  CLI::App* const app = all.add_subcommand(
      "identity", "Print what the finished trace of a run, or of each run of a sweep, is recognised by");
  add_scenario_options(app, options);
  add_data_option(app, options);
  return {app, [&] {
            return gossamer::identity_command(options.run.scenario, options.run.assignments, options.data);
          }};
}

Command add_list(CLI::App& all, Options& options) {
  CLI::App* const app = all.add_subcommand("list", "List what a scenario can name, with keys and defaults");
  app->add_option("what", options.what,
                  "One list: algorithms, topologies, mixings, problems, datasets, networks, ... [all]");
  return {app, [&] { return gossamer::list_command(options.what); }};
}

Command add_schema(CLI::App& all) {
  return {all.add_subcommand("schema", "Print the JSON schema of scenarios, for editors"),
          gossamer::schema_command};
}

Command add_new(CLI::App& all, Options& options) {
  CLI::App* const app = all.add_subcommand("new", "Write a scenario to start from, with comments");
  app->add_option("file", options.what, "The file, which must not be there yet [standard output]");
  return {app, [&] { return gossamer::new_command(options.what); }};
}

Command add_completion(CLI::App& all, Options& options) {
  CLI::App* const app = all.add_subcommand(
      "completion", "Print a script by which a shell completes commands: source <(gossamer completion bash)");
  app->add_option("shell", options.what, "The shell: bash")->required()->check(CLI::IsMember({"bash"}));
  return {app, [&all] {
            fmt::print("{}", gossamer::bash_completion(all));
            return 0;
          }};
}

Command add_manual(CLI::App& all) {
  return {all.add_subcommand("manual", "Print the manual page, in roff"), [&all] {
            fmt::print("{}", gossamer::manual_page(all));
            return 0;
          }};
}

Command add_topology(CLI::App& all, Options& options) {
  CLI::App* const app = all.add_subcommand("topology",
                                           "Show degrees and diameter of the graph, and the spectral gap of "
                                           "W; what runs over it, such as network and problem, is not read");
  add_scenario_options(app, options);
  return {app, [&] { return gossamer::topology_command(options.run.scenario, options.run.assignments); }};
}

Command add_datasets(CLI::App& all, Options& options) {
  CLI::App* const app = all.add_subcommand("datasets", "List, verify and download data sets");
  CLI::App* const list =
      app->add_subcommand("list", "List the known data sets and where they are found (the default)");
  list->fallthrough();  // --data may come after it too.
  CLI::App* const verify =
      app->add_subcommand("verify", "Compare checksums of files with the published ones");
  verify->fallthrough();
  verify->add_option("names", options.names, "Data sets [all that are found]");
  CLI::App* const fetch = app->add_subcommand("fetch", "Download a data set from its publisher");
  fetch->fallthrough();
  fetch->add_option("name", options.name, "The data set")->required();
  fetch->add_option("--from", options.url,
                    "URL of a folder with the published files, in place of the publisher's");
  add_data_option(app, options);
  return {app, [&options, verify, fetch] {
            if (*verify) return gossamer::datasets_verify_command(options.names, options.data);
            if (*fetch) return gossamer::datasets_fetch_command(options.name, options.url, options.data);
            return gossamer::datasets_list_command(options.data);
          }};
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): none escapes but for want of memory for the options.
int main(int argc, char** argv) {
  using namespace gossamer;
  std::signal(SIGXFSZ, SIG_IGN);  // A file that grows too large is an error, as a full disk is, not the end.
  std::signal(SIGPIPE, SIG_IGN);  // So is a reader who has left.
  CLI::App app{"A discrete-event network simulator for distributed and decentralized optimization.",
               "gossamer"};
  app.set_version_flag("--version", fmt::format("gossamer {} ({})", version, git_revision));
  app.require_subcommand(1);
  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return fmt::format("gossamer: {}; see gossamer --help\n", error.what());
  });
  Options options;
  const Command commands[] = {add_run(app, options),        add_sweep(app, options),
                              add_check(app, options),      add_identity(app, options),
                              add_list(app, options),       add_schema(app),
                              add_topology(app, options),   add_new(app, options),
                              add_completion(app, options), add_manual(app),
                              add_datasets(app, options),   add_help(app, options)};
  try {
    std::vector<std::string> arguments = with_single_assignments(argc, argv);
    const bool asks_of_help = arguments.size() > 1 && arguments[1].starts_with('-');
    if (!arguments.empty() && arguments.front() == "help" && !asks_of_help) {  // `gossamer help run`
      arguments.erase(arguments.begin());
      arguments.emplace_back("--help");
    }
    require_command(app, arguments);
    std::ranges::reverse(arguments);  // As CLI11 takes them.
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : bad_input;
  } catch (const BadInput& error) {
    return complain(error, bad_input);
  }
  const auto command = [&] {
    return std::ranges::find_if(commands, [](const Command& c) { return bool(*c.app); })->call();
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
  } catch (const InputFileError& error) {
    return complain(error, bad_input);
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::broken_pipe) return failed;  // Whoever read has seen enough.
    return complain(error, failed);
  } catch (const std::bad_alloc&) {
    gossamer::complain(std::string("gossamer: ") + out_of_memory);
    return failed;
  } catch (const std::exception& error) {
    return complain(error, failed);
  }
}
