/// Faults of the engine and of its neighbours, made with the real thing.
@NullMarked
package dev.jubelet.it.faults;

import org.jspecify.annotations.NullMarked;
