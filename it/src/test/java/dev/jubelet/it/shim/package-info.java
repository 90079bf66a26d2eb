/// The shim on a real dockerd, asked by crictl and by our own CRI client.
@NullMarked
package dev.jubelet.it.shim;

import org.jspecify.annotations.NullMarked;
