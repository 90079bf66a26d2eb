@NullMarked
package dev.jubelet.dockershim.pods;

import org.jspecify.annotations.NullMarked;
