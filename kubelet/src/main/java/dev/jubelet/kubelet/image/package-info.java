@NullMarked
package dev.jubelet.kubelet.image;

import org.jspecify.annotations.NullMarked;
