@NullMarked
package dev.jubelet.dockershim.network;

import org.jspecify.annotations.NullMarked;
