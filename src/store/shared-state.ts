/**
 * A state directory as it is for reports that several reporters share: its outboxes lie in a folder of their own, `shared/`, and its identity is the one that
 * all of them have in common. So `send` leaves these reports alone, and whoever builds one gives it the same report-id.
 */
import { StateDirectory } from './state-directory.ts';

export class SharedState extends StateDirectory {
  readonly #identity: string;

  constructor({ path, disk }: StateDirectory, identity: string) {
    super(path, disk);
    this.#identity = identity;
  }

  protected override get outboxFolder(): string {
    return 'shared';
  }

  override identity(): string {
    return this.#identity;
  }
}
