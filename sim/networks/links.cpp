#include "sim/networks/links.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <stdexcept>

#include "sim/setting_error.hpp"
#include "sim/text_file.hpp"

namespace gossamer {

bool Links::take_time() const {
  return std::ranges::any_of(parameters, [](const LinkParameters& link) {
    return link.latency > Duration::zero() || !link.bandwidth.is_unlimited();
  });
}

bool Links::limited() const {
  return std::ranges::any_of(parameters,
                             [](const LinkParameters& link) { return !link.bandwidth.is_unlimited(); });
}

Links OwnEdges::make(const Traffic& traffic, const LinkParameters& parameters) const {
  const Adjacency& graph = traffic.graph;
  Links links;
  links.names.assign(traffic.names.begin(), traffic.names.end());
  links.parameters.assign(static_cast<std::size_t>(graph.arcs()), parameters);
  for (NodeId u = 0; u < graph.nodes(); ++u) {
    for (const NodeId v : graph.out_neighbors(u)) links.ends.emplace_back(u, v);
  }
  for (const Traffic::Override& own : traffic.overrides) {
    LinkParameters& link = links.parameters[static_cast<std::size_t>(own.arc)];
    link = {own.latency.value_or(link.latency), own.bandwidth.value_or(link.bandwidth)};
  }
  return links;
}

void require_header(Bytes header) {
  constexpr std::int64_t most = 1 << 30;  // Then a link can count its bytes.
  if (header.count >= 0 && header.count <= most) return;
  throw std::invalid_argument("header: it takes 0 B to 1 GiB");
}

void require_links(const Links& links, Bytes header) {
  require_header(header);
  for (const LinkParameters& parameters : links.parameters) {
    if (parameters.latency < Duration::zero()) throw std::invalid_argument("a latency cannot be negative");
  }
}

namespace {

using Speeds = std::map<LinkId, SpeedProfile>;  // Of all links: -1.

/// The link of a line, by its ends. A node and its site may have one name.
LinkId link_between(const TextFile& file, const Links& links) {
  const std::string_view from = file.words()[0], to = file.words()[1];
  const auto called = [&](std::string_view word) {
    return [&, word, first = find_named(word, links.names, std::numeric_limits<NodeId>::max())](NodeId end) {
      return first == end || (!links.names.empty() && links.names[static_cast<std::size_t>(end)] == word);
    };
  };
  const auto joins = [is_from = called(from), is_to = called(to)](const std::pair<NodeId, NodeId>& ends) {
    return is_from(ends.first) && is_to(ends.second);
  };
  const auto found = std::ranges::find_if(links.ends, joins);
  const std::string which = "from " + std::string(from) + " to " + std::string(to);
  if (found == links.ends.end()) {
    file.fail("there is no link " + which +
              (links.names.empty() ? "" : "; ends have names, such as " + links.names.front()));
  }
  if (std::any_of(found + 1, links.ends.end(), joins)) {
    file.fail("there are several links " + which + ", as a node and a site have one name");
  }
  const auto id = static_cast<LinkId>(found - links.ends.begin());
  if (links.parameters[static_cast<std::size_t>(id)].bandwidth.is_unlimited()) {
    file.fail("the link's bandwidth is unlimited, so a speed has no effect");
  }
  return id;
}

Speeds read_speeds(const InputFile& path, const Links& links) {
  Speeds speeds;
  TextFile file(path);
  while (file.next()) {
    const auto& words = file.words();
    if (words.size() != 2 && words.size() != 4) {
      file.fail("it takes `10s 0.25`, or `0 1 10s 0.25` for the link from 0 to 1");
    }
    SpeedProfile& speed = speeds[words.size() == 2 ? -1 : link_between(file, links)];
    try {
      speed.add(words[words.size() - 2], words.back());
    } catch (const std::invalid_argument& error) {
      file.fail(error.what());
    }
  }
  const auto stops = std::ranges::find_if(speeds, [](const auto& of) { return !of.second.goes_on(); });
  if (speeds.empty()) throw InputFileError(path.path.string() + ": has no speed; it takes lines `10s 0.25`");
  if (stops != speeds.end()) {
    throw InputFileError(path.path.string() + ": the last share of a link cannot be 0");
  }
  return speeds;
}

}  // namespace

void add_speeds(const std::vector<std::string>& speed, const std::optional<InputFile>& file, Links& links) {
  if (speed.empty() && !file) return;
  if (!links.limited()) {
    throw std::invalid_argument(std::string(file ? "speed_file" : "speed") +
                                ": has no effect, as no link has a bandwidth");
  }
  Speeds speeds;
  if (file) speeds = read_speeds(*file, links);
  if (!speed.empty()) {
    if (speeds.contains(-1)) {
      throw std::invalid_argument("speed: speed_file gives all links a speed, too; leave out one of both");
    }
    try {
      speeds.emplace(-1, SpeedProfile(speed));
    } catch (const SettingError& error) {
      throw SettingError("speed." + error.key(), std::string("speed: ") + error.what());
    }
  }
  links.speeds.assign(links.parameters.size(), std::make_shared<SpeedProfile>(std::move(speeds[-1])));
  speeds.erase(-1);
  for (auto& [link, own] : speeds) {
    links.speeds[static_cast<std::size_t>(link)] = std::make_shared<SpeedProfile>(std::move(own));
  }
}

Links NetworkOfLinks::links(const Traffic& traffic) const {
  require_header(header);
  Links links = graph->make(traffic, {latency, bandwidth});
  add_speeds(speed, speed_file, links);
  return links;
}

}  // namespace gossamer
