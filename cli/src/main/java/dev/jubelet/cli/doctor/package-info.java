/// `doctor`: what is left behind on this machine, and what on it will hurt pods. Looks at the
/// machine, never at an agent's own state.
@NullMarked
package dev.jubelet.cli.doctor;

import org.jspecify.annotations.NullMarked;
