@NullMarked
package dev.jubelet.kubelet.server;

import org.jspecify.annotations.NullMarked;
