@NullMarked
package dev.jubelet.dockershim.grpc;

import org.jspecify.annotations.NullMarked;
