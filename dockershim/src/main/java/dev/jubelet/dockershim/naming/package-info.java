@NullMarked
package dev.jubelet.dockershim.naming;

import org.jspecify.annotations.NullMarked;
