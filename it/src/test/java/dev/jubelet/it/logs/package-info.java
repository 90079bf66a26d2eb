/// Container logs on a real engine, with the shim in a process of its own; `docs/logs.md`
/// names which test shows what.
@NullMarked
package dev.jubelet.it.logs;

import org.jspecify.annotations.NullMarked;
