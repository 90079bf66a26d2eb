/// What the kernel counts per cgroup, version 1 and 2, and pressure stall information.
@NullMarked
package dev.jubelet.linux.cgroup;

import org.jspecify.annotations.NullMarked;
