// Any bytes are a reply of a model's program, or a ProtocolError.
#include <cstddef>
#include <cstdint>

#include "algorithms/problems/process/protocol.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gossamer;
  const BytesView bytes(reinterpret_cast<const std::byte*>(data), size);
  try {
    (void)read_header(bytes);
  } catch (const ProtocolError&) {
  }
  try {
    const Description model = read_description(bytes);
    const Layout layout(model, 8);
    const bool fits = layout.rows + 4 * layout.most_rows <= layout.size && layout.x == 0 &&
                      layout.result >= 8 * static_cast<std::size_t>(model.dimension);
    if (!fits || model.classes > model.train_rows) __builtin_trap();
  } catch (const ProtocolError&) {
  }
  try {
    const EvaluationReply reply = read_evaluation(bytes, 7, size % 3);
    if (reply.scores.size() != size % 3 || reply.right < 0 || reply.right > 7) __builtin_trap();
  } catch (const ProtocolError&) {
  }
  return 0;
}
