// Closes what core/standard.hpp opened. Last line of a translation unit that sets RESCORLA_LEVEL.
#ifndef RESCORLA_CORE_END_HPP
#define RESCORLA_CORE_END_HPP

#include "standard.hpp"

#if defined(__clang__) && RESCORLA_LEVEL > 0
#pragma clang attribute pop
#endif

#endif
