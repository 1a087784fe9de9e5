// Any bytes are a scenario, or a BadInput.
#include <cstddef>
#include <cstdint>
#include <string>

#include "scenarios/lab/scenario/scenario.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gossamer;
  try {
    const Scenario scenario =
        read_scenario(parse_document({reinterpret_cast<const char*>(data), size}, "fuzz.yaml"));
    const std::string text = to_yaml(resolved(scenario));
    if (to_yaml(resolved(read_scenario(parse_document(text, "fuzz.yaml")))) != text) __builtin_trap();
  } catch (const BadInput&) {
  }
  return 0;
}
