#include "scenarios/lab/command/descriptions.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "algorithms/problems/data/known_data_sets.hpp"
#include "scenarios/lab/command/commands.hpp"
#include "scenarios/lab/trace/revision.hpp"

namespace gossamer {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

namespace {

/// "-o --output", with what separates them.
std::string names_of(const CLI::Option& option, const char* separator) {
  std::string names;
  const auto add = [&](const std::string& name) { names += (names.empty() ? "" : separator) + name; };
  for (const std::string& name : option.get_snames()) add("-" + name);
  for (const std::string& name : option.get_lnames()) add("--" + name);
  return names;
}

/// All options of a command, and what its arguments may be where these are words.
std::string words_of(const CLI::App& app) {
  std::string words;
  const auto add = [&](const std::string& more) {
    words += (words.empty() || more.empty() ? "" : " ") + more;
  };
  for (const CLI::App* command : commands_of(app)) add(command->get_name());
  for (const CLI::Option* option : app.get_options()) add(names_of(*option, " "));
  if (app.get_name() == "list") {
    for (const std::string& list : list_names()) add(list);
  }
  if (app.get_name() == "completion") add("bash");
  if (app.get_name() == "verify" || app.get_name() == "fetch") {
    for (const KnownDataSet& known : known_data_sets()) add(std::string(known.name));
  }
  return words;
}

/// Text in roff: a dash is a minus, and no line begins with a dot or a quote.
std::string roff(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else if ((c == '.' || c == '\'') && result.empty()) {
      result += std::string("\\&") + c;
    } else {
      result += c;
    }
  }
  return result;
}

std::string synopsis(const CLI::App& app) {
  std::string text = "[options]";
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) continue;
    const std::string name = option->get_name(true) + (option->get_expected_max() > 1 ? "..." : "");
    text += " " + (option->get_required() ? name : "[" + name + "]");
  }
  return text;
}

void describe(const CLI::App& app, const std::string& name, std::string& page) {
  page += fmt::format(".SS {} {}\n{}.\n", roff(name), roff(synopsis(app)), roff(app.get_description()));
  for (const CLI::Option* option : app.get_options()) {
    const std::string names = option->get_positional() ? option->get_name(true) : names_of(*option, ", ");
    page += fmt::format(".TP\n.B {}\n{}\n", roff(names), roff(option->get_description()));
  }
  for (const CLI::App* command : commands_of(app)) describe(*command, name + " " + command->get_name(), page);
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  std::string cases;
  for (const CLI::App* command : commands_of(app)) {
    const std::string& name = command->get_name();
    for (const CLI::App* below : commands_of(*command)) {
      cases += fmt::format("    '{} {}') words='{}' ;;\n", name, below->get_name(), words_of(*below));
    }
    cases += fmt::format("    '{} '*) words='{}' ;;\n", name, words_of(*command));
  }
  return fmt::format(
      R"(# Completion of gossamer for bash: source it, or put it into bash-completion's folder under the name gossamer.
_gossamer() {{
  local words current=${{COMP_WORDS[COMP_CWORD]}} command=
  ((COMP_CWORD > 1)) && command="${{COMP_WORDS[1]}} "
  ((COMP_CWORD > 2)) && command+=${{COMP_WORDS[2]}}
  [[ ${{COMP_WORDS[COMP_CWORD - 1]}} == --launcher ]] && command=--launcher
  case $command in
    '') words='{}' ;;
    --launcher) words='local slurm task' ;;
{}    *) words= ;;
  esac
  # Scenarios, traces and folders; `-o default` gives the other files where nothing fits.
  case $command,$current in
    *,-*) ;;
    'run '*,* | 'sweep '*,* | 'check '*,* | 'identity '*,* | 'topology '*,*)
      mapfile -t COMPREPLY < <(
        compgen -f -X '!*.yaml' -- "$current"
        compgen -f -X '!*.h5' -- "$current"
        compgen -d -- "$current"
      )
      return ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}
complete -o default -o filenames -F _gossamer gossamer
)",
      words_of(app), cases);
}

std::string manual_page(const CLI::App& app) {
  std::string page = fmt::format(
      ".TH GOSSAMER 1 \"\" \"gossamer {}\" \"User commands\"\n"
      ".SH NAME\ngossamer \\- simulates distributed and decentralized optimization on a network\n"
      ".SH SYNOPSIS\n.B gossamer\n.I command\n[options]\n.br\n.B gossamer \\-\\-version\n"
      ".SH DESCRIPTION\n{}\nA scenario is a YAML file; a run of it leaves a trace, an HDF5 file.\n"
      ".SH COMMANDS\n",
      version, roff(app.get_description()));
  for (const CLI::App* command : commands_of(app))
    describe(*command, "gossamer " + command->get_name(), page);
  return page +
         ".SH EXIT STATUS\n.TP\n.B 0\nDone. A run that diverged is done, too.\n.TP\n.B 1\nA run failed.\n"
         ".TP\n.B 2\nBad input: one line on standard error says where and what.\n"
         ".SH ENVIRONMENT\n.TP\n.B GOSSAMER_DATA\nWhere data sets are, each in a folder of its name.\n";
}

}  // namespace gossamer
