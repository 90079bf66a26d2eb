@NullMarked
package dev.jubelet.cli.look;

import org.jspecify.annotations.NullMarked;
