// The compressors and quantizers that a scenario can name.
#pragma once

#include "algorithms/composite/quantizer.hpp"
#include "algorithms/compressors/compressor.hpp"
#include "scenarios/lab/yaml/kinds.hpp"

namespace gossamer {

const Catalogue<Compressor::Interface>& compressors();
const Catalogue<Quantizer>& quantizers();

}  // namespace gossamer
