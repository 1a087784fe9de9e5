// What other programs want to know of the command line: made from the parser's own tree.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace gossamer {

/// Those below the command line, or below one of its commands.
std::vector<const CLI::App*> commands_of(const CLI::App& app);

/// A script for bash that completes commands, options, lists and files.
std::string bash_completion(const CLI::App& app);

/// The manual page gossamer(1), in roff.
std::string manual_page(const CLI::App& app);

}  // namespace gossamer
