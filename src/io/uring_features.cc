// Each feature is tried on a ring that is thrown away, since version numbers lie on patched kernels.
#include "io/uring_features.h"

#include <array>
#include <utility>

namespace torc::io {

namespace {

struct FeatureName {
  std::string_view name;
  bool Features::*member;
};

constexpr std::array feature_names = {
    FeatureName{"single_issuer", &Features::single_issuer},
    FeatureName{"defer_taskrun", &Features::defer_taskrun},
    FeatureName{"no_sqarray", &Features::no_sqarray},
    FeatureName{"min_wait", &Features::min_wait},
    FeatureName{"no_iowait", &Features::no_iowait},
    FeatureName{"incremental_buffers", &Features::incremental_buffers},
    FeatureName{"multishot_accept", &Features::multishot_accept},
    FeatureName{"multishot_recv", &Features::multishot_recv},
    FeatureName{"send_zero_copy", &Features::send_zero_copy},
    FeatureName{"sendmsg_zero_copy", &Features::sendmsg_zero_copy},
    FeatureName{"zero_copy_usage", &Features::zero_copy_usage},
    FeatureName{"ftruncate", &Features::ftruncate},
};

// What kernel 6.1 had; each later preset adds to the one before.
Features kernel_6_1() noexcept {
  Features features;
  features.single_issuer = features.defer_taskrun = true;
  features.multishot_accept = features.multishot_recv = true;
  features.send_zero_copy = features.sendmsg_zero_copy = true;
  return features;
}

Features kernel_6_6() noexcept {
  Features features = kernel_6_1();
  features.zero_copy_usage = features.no_sqarray = true;
  return features;
}

Features kernel_6_12() noexcept {
  Features features = kernel_6_6();
  features.ftruncate = features.min_wait = features.incremental_buffers = true;
  return features;
}

std::expected<void, std::string> apply_change(Features& features, std::string_view change) {
  const std::string_view name = change.starts_with('-') ? change.substr(1) : std::string_view();
  for (const FeatureName& feature : feature_names) {
    if (feature.name != name) continue;
    features.*feature.member = false;
    return {};
  }
  return std::unexpected("unknown io_uring feature '" + std::string(change) + "': all, none, 6.1, 6.6, 6.12 or -" +
                         std::string(feature_names[0].name) + ",...");
}

}  // namespace

Features Features::all() noexcept {
  Features features;
  for (const FeatureName& feature : feature_names) features.*feature.member = true;
  return features;
}

Features intersection(const Features& left, const Features& right) noexcept {
  Features both;
  for (const FeatureName& feature : feature_names) {
    both.*feature.member = left.*feature.member && right.*feature.member;
  }
  return both;
}

std::expected<Features, std::string> parse_features(std::string_view text) {
  if (text == "all") return Features::all();
  if (text == "none") return Features{};
  if (text == "6.1") return kernel_6_1();
  if (text == "6.6") return kernel_6_6();
  if (text == "6.12") return kernel_6_12();
  Features features = Features::all();
  while (true) {
    const size_t comma = text.find(',');
    if (auto changed = apply_change(features, text.substr(0, comma)); !changed) {
      return std::unexpected(std::move(changed.error()));
    }
    if (comma == std::string_view::npos) return features;
    text.remove_prefix(comma + 1);
  }
}

std::string describe(const Features& features) {
  std::string names;
  for (const FeatureName& feature : feature_names) {
    if (!(features.*feature.member)) continue;
    if (!names.empty()) names += ' ';
    names += feature.name;
  }
  return names;
}

}  // namespace torc::io
