@NullMarked
package dev.jubelet.kubelet.resource;

import org.jspecify.annotations.NullMarked;
