@NullMarked
package dev.jubelet.cli.log;

import org.jspecify.annotations.NullMarked;
