package dev.jubelet.cli.log;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;

/// What logback does before anybody says otherwise: warnings go to stderr. Found as a service; no
/// configuration file is searched or parsed.
public final class QuietStart extends ContextAwareBase implements Configurator {

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    AgentLog.attach(context, AgentLog.stderr());
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
