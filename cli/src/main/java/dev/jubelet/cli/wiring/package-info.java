@NullMarked
package dev.jubelet.cli.wiring;

import org.jspecify.annotations.NullMarked;
