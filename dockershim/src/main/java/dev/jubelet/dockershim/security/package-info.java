@NullMarked
package dev.jubelet.dockershim.security;

import org.jspecify.annotations.NullMarked;
