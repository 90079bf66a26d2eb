/// `jubelet bench`: start latency and cost of the agent beside the floor of raw Docker and CNI
/// calls.
@NullMarked
package dev.jubelet.cli.bench;

import org.jspecify.annotations.NullMarked;
