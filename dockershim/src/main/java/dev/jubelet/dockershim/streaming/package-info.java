@NullMarked
package dev.jubelet.dockershim.streaming;

import org.jspecify.annotations.NullMarked;
