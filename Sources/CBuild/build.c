#include "build.h"

// Package.swift says it: Swift knows no constants of the build.
#ifndef LATCHKEY_COMMIT
#define LATCHKEY_COMMIT ""
#endif

const char *latchkey_commit(void) { return LATCHKEY_COMMIT; }
