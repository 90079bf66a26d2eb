/// Docker's output of containers into CRI log files; `docs/logs.md` tells how a line flows.
@NullMarked
package dev.jubelet.dockershim.log;

import org.jspecify.annotations.NullMarked;
