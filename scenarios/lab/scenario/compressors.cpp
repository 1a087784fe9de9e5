#include "scenarios/lab/scenario/compressors.hpp"

#include "algorithms/compressors/identity.hpp"
#include "algorithms/compressors/quantizers.hpp"
#include "algorithms/compressors/signs.hpp"
#include "algorithms/compressors/sparse.hpp"

namespace gossamer {

const Catalogue<Compressor::Interface>& compressors() {
  static const Catalogue<Compressor::Interface> all(
      "compressor",
      {kind<Compressor::Of>("identity", Identity{}, "no compression"),
       kind<Compressor::Of>("scaled_sign", ScaledSign{}, "signs, times the mean magnitude"),
       kind<Compressor::Of>("top_k", TopK{}, "the k coordinates of largest magnitude"),
       kind<Compressor::Of>("random_k", RandomK{}, "k coordinates at random"),
       kind<Compressor::Of>("ternary", Ternary{}, "TernGrad: -s, 0 or s at random, without bias"),
       kind<Compressor::Of>("threshold", Threshold{}, "-s, 0 or s by a threshold on the magnitude"),
       kind<Compressor::Of>("qsgd", Qsgd{}, "levels of the norm at random, without bias"),
       kind<Compressor::Of>("sparsify_min_variance", SparsifyMinVariance{},
                            "Stoc-MV: about k coordinates at random, by magnitude"),
       kind<Compressor::Of>("sparsify_uniform", SparsifyUniform{},
                            "Stoc-Unif: about k coordinates at random"),
       kind<Compressor::Of>("sign", Sign{}, "signs alone")});
  return all;
}

const Catalogue<Quantizer>& quantizers() {
  static const Catalogue<Quantizer> all(
      "quantizer",
      {alternative<Quantizer>("threshold", Threshold{}, "-s, 0 or s by a threshold on the magnitude"),
       alternative<Quantizer>("ternary", Ternary{}, "TernGrad: -s, 0 or s at random, without bias")});
  return all;
}

}  // namespace gossamer
