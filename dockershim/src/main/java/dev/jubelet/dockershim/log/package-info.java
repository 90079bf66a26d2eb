@NullMarked
package dev.jubelet.dockershim.log;

import org.jspecify.annotations.NullMarked;
