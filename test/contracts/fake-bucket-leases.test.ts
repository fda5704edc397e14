/** The fake that share is tested with keeps the same contract as the leases in OpenSearch. */
import { describeBucketLeases } from '#test/contracts/bucket-leases.contract.ts';
import { FakeBucketLeases } from '#test/support/fake-bucket-leases.ts';

describeBucketLeases('FakeBucketLeases', () => new FakeBucketLeases());
