/**
 * The port by which several reporters share deliveries, so that no two of them make the same one.
 */
import type { Delivery } from '#tlsrpt/delivery.ts';

export interface DeliverySharing {
  /**
   * Asked right before each transmission. Resolves with true when nobody else may make the delivery now, or with false when another reporter may: then it
   * is left alone. Until it is known, it waits.
   */
  isOurs(delivery: Delivery): Promise<boolean>;
  /** Resolves once the others know what became of the delivery, or the delivery is not ours any more. */
  noted(delivery: Delivery): Promise<void>;
}
