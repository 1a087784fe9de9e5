// Any bytes are a connected graph, or an error that names the file.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sim/text_file.hpp"
#include "topologies/topology_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gossamer;
  InputFile file("fuzz");
  file.content = std::make_shared<const std::string>(reinterpret_cast<const char*>(data), size);
  for (const bool directed : {false, true}) {
    try {
      const Topology topology = TopologyFile{.path = file, .directed = directed}.build(0);
      if (std::ssize(hops(topology.graph, 0)) != node_count(topology.graph)) __builtin_trap();
    } catch (const InputFileError& error) {
      if (!std::string_view(error.what()).starts_with("fuzz:")) __builtin_trap();
    } catch (const TopologyError&) {
    }
  }
  return 0;
}
