/// The scripts that a new machine meets first: the launcher and `setup`.
@NullMarked
package dev.jubelet.it.launcher;

import org.jspecify.annotations.NullMarked;
